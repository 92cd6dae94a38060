namespace Notebook.Grains.Cluster;

/// <summary>A server as the cluster manager stores it.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Specs">The kernelspecs that it offered last.</param>
[GenerateSerializer, Immutable, Alias("notebook.known-server")]
internal sealed record KnownServer([property: Id(0)] ServerId Server, [property: Id(1)] ImmutableArray<KernelSpecInfo> Specs)
{
    /// <summary>Whether it is to be emptied.</summary>
    [Id(2)]
    public bool Draining { get; init; }
}

/// <summary>All servers that ever connected and were not removed. Rarely written, for the kernelspecs' logos are large.</summary>
[GenerateSerializer, Alias("notebook.servers-record")]
internal sealed record ServersRecord
{
    /// <summary>In the order of their first connection.</summary>
    [Id(0)]
    public ImmutableArray<KnownServer> Servers { get; init; } = [];
}

/// <summary>All kernels that had not ended when this was written.</summary>
[GenerateSerializer, Alias("notebook.kernels-record")]
internal sealed record KernelsRecord
{
    /// <summary>In the order of their start.</summary>
    [Id(0)]
    public ImmutableArray<KernelId> Kernels { get; init; } = [];
}

/// <summary>A kernel that started or ended.</summary>
/// <param name="Kernel">Which.</param>
/// <param name="Ended">Whether it ended.</param>
[GenerateSerializer, Immutable, Alias("notebook.kernel-change")]
internal sealed record KernelChange([property: Id(0)] KernelId Kernel, [property: Id(1)] bool Ended);

/// <summary>What became of kernels since <see cref="KernelsRecord"/> was written. Written with each, so it is written short.</summary>
[GenerateSerializer, Alias("notebook.kernel-changes-record")]
internal sealed record KernelChangesRecord
{
    /// <summary>Oldest first, as they were stored before there were <see cref="Started"/> and <see cref="Ended"/>; to be heeded before these.</summary>
    [Id(0)]
    public ImmutableArray<KernelChange> Changes { get; init; } = [];

    /// <summary>
    /// The ids of kernels that started and have not ended, in this order, in one text with blanks between: it takes a tenth of the
    /// time to write that it takes to write each for itself. One that is in the other record already changes nothing.
    /// </summary>
    [Id(3)]
    public string Started { get; init; } = "";

    /// <summary>The ids of kernels that ended, in the same way.</summary>
    [Id(4)]
    public string Ended { get; init; } = "";
}

/// <summary>The sessions of Jupyter's clients.</summary>
[GenerateSerializer, Alias("notebook.sessions-record")]
internal sealed record SessionsRecord
{
    /// <summary>First come first.</summary>
    [Id(0)]
    public ImmutableArray<JupyterSession> Sessions { get; init; } = [];
}
