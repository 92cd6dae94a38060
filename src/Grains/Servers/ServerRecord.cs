namespace Notebook.Grains.Servers;

/// <summary>A replica placed on a server.</summary>
/// <param name="Replica">Which.</param>
/// <param name="Promised">What its kernel's cells may ask for.</param>
[GenerateSerializer, Immutable, Alias("notebook.placed-replica")]
internal sealed record PlacedReplica([property: Id(0)] ReplicaId Replica, [property: Id(2)] ResourceAmounts Promised);

/// <summary>Replicas that are promised the same.</summary>
/// <param name="Promised">What the cells of the kernel of each may ask for.</param>
/// <param name="Replicas">Which.</param>
[GenerateSerializer, Immutable, Alias("notebook.placed-group")]
internal sealed record PlacedGroup([property: Id(0)] ResourceAmounts Promised, [property: Id(1)] ImmutableArray<ReplicaId> Replicas);

/// <summary>What was placed on a server. Apart from what the server is, for it changes with every kernel.</summary>
[GenerateSerializer, Alias("notebook.placed-record")]
internal sealed record PlacedRecord
{
    /// <summary>All replicas, by what is promised to them.</summary>
    [Id(0)]
    public ImmutableArray<PlacedGroup> Groups { get; init; } = [];
}

/// <summary>What is stored of a server, apart from its leases and its replicas: who it is.</summary>
[GenerateSerializer, Alias("notebook.server-record")]
internal sealed record ServerRecord
{
    /// <summary>Of the agent that connected last; empty when none ever did.</summary>
    [Id(0)]
    public string BootId { get; init; } = "";

    /// <summary>Operating system id of that agent.</summary>
    [Id(1)]
    public int ProcessId { get; init; }

    /// <summary>Where gateways and other agents reach it.</summary>
    [Id(2)]
    public string DataAddress { get; init; } = "";

    /// <summary>Its GPUs.</summary>
    [Id(3)]
    public ImmutableArray<GpuInfo> Gpus { get; init; } = [];

    /// <summary>The replicas placed on it, as it was stored before there was <see cref="PlacedRecord"/>; heeded while that was never written.</summary>
    [Id(4)]
    public ImmutableArray<PlacedReplica> Placed { get; init; } = [];

    /// <summary>Its CPU in thousandths of a core.</summary>
    [Id(5)]
    public int MilliCpus { get; init; }

    /// <summary>Its host memory in MB.</summary>
    [Id(6)]
    public long MemoryMb { get; init; }
}
