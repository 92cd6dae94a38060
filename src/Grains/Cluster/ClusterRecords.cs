namespace Notebook.Grains.Cluster;

/// <summary>A server as the cluster manager stores it.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Specs">The kernelspecs that it offered last.</param>
[GenerateSerializer, Immutable, Alias("notebook.known-server")]
internal sealed record KnownServer([property: Id(0)] ServerId Server, [property: Id(1)] ImmutableArray<KernelSpecInfo> Specs);

/// <summary>All servers that ever connected. Rarely written, for the kernelspecs' logos are large.</summary>
[GenerateSerializer, Alias("notebook.servers-record")]
internal sealed record ServersRecord
{
    /// <summary>In the order of their first connection.</summary>
    [Id(0)]
    public ImmutableArray<KnownServer> Servers { get; init; } = [];
}

/// <summary>All kernels that have not ended.</summary>
[GenerateSerializer, Alias("notebook.kernels-record")]
internal sealed record KernelsRecord
{
    /// <summary>In the order of their start.</summary>
    [Id(0)]
    public ImmutableArray<KernelId> Kernels { get; init; } = [];
}
