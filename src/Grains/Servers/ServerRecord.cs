namespace Notebook.Grains.Servers;

/// <summary>A replica placed on a server.</summary>
/// <param name="Replica">Which.</param>
/// <param name="Promised">What its kernel's cells may ask for.</param>
[GenerateSerializer, Immutable, Alias("notebook.placed-replica")]
internal sealed record PlacedReplica([property: Id(0)] ReplicaId Replica, [property: Id(2)] ResourceAmounts Promised);

/// <summary>What is stored of a server, apart from its leases: who it is, and what was placed on it.</summary>
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

    /// <summary>The replicas placed on it.</summary>
    [Id(4)]
    public ImmutableArray<PlacedReplica> Placed { get; init; } = [];

    /// <summary>Its CPU in thousandths of a core.</summary>
    [Id(5)]
    public int MilliCpus { get; init; }

    /// <summary>Its host memory in MB.</summary>
    [Id(6)]
    public long MemoryMb { get; init; }

    /// <summary>What is promised to all of them.</summary>
    public ResourceAmounts Promised
    {
        get
        {
            ResourceAmounts sum = default;
            foreach (var placed in Placed) sum += placed.Promised;
            return sum;
        }
    }

    /// <summary>Whether this replica is placed on it.</summary>
    public bool Holds(ReplicaId replica) => Placed.Any(p => p.Replica == replica);
}
