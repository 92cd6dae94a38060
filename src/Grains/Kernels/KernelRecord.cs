namespace Notebook.Grains.Kernels;

/// <summary>What is stored of a kernel with every change that must survive a crash. Small, because every cell writes it.</summary>
[GenerateSerializer, Alias("notebook.kernel-record")]
internal sealed record KernelRecord
{
    /// <summary>What the user asked for; null when there is no such kernel.</summary>
    [Id(0)]
    public KernelDefinition? Definition { get; init; }

    /// <summary>Whether it was shut down: its id is not used again.</summary>
    [Id(1)]
    public bool Ended { get; init; }

    /// <summary>The version of the newest view that may have been seen.</summary>
    [Id(2)]
    public long Version { get; init; }

    /// <summary>Its Jupyter session.</summary>
    [Id(3)]
    public string Session { get; init; } = "";

    /// <summary>Restarts that the user noticed, from 1.</summary>
    [Id(4)]
    public int Incarnation { get; init; }

    /// <summary>Grows with every change of the executor.</summary>
    [Id(5)]
    public long Epoch { get; init; }

    /// <summary>Who runs the cells.</summary>
    [Id(6)]
    public ReplicaId? Executor { get; init; }

    /// <summary>Whether a cell was ordered in this incarnation, so that there may be state.</summary>
    [Id(7)]
    public bool HasState { get; init; }

    /// <summary>Its replicas, as last heard.</summary>
    [Id(8)]
    public ImmutableArray<ReplicaView> Replicas { get; init; } = [];

    /// <summary>The number of the next new replica.</summary>
    [Id(9)]
    public int NextReplica { get; init; } = 1;

    /// <summary>The number of the next new cell.</summary>
    [Id(10)]
    public long NextExecution { get; init; } = 1;

    /// <summary>The cell that was given to a replica.</summary>
    [Id(11)]
    public RunningCell? Running { get; init; }

    /// <summary>Endings that the archive does not hold.</summary>
    [Id(12)]
    public ImmutableArray<CellEnding> Recent { get; init; } = [];

    /// <summary>Why it is dead; null while it lives.</summary>
    [Id(13)]
    public string? DeadReason { get; init; }

    /// <summary>When a client last used it.</summary>
    [Id(14)]
    public DateTimeOffset LastActivity { get; init; }

    /// <summary>The replicas that the incarnation's Raft group began with.</summary>
    [Id(15)]
    public ImmutableArray<ReplicaId> Founders { get; init; } = [];

    /// <summary>How its user wants its state kept.</summary>
    [Id(16)]
    public KeepingRequest Keeping { get; init; } = KeepingRequest.Default;

    /// <summary>What its notebook has set for the cells that follow; null while it has set nothing.</summary>
    [Id(17)]
    public ResourceRequest? SetByNotebook { get; init; }

    /// <summary>The move of a replica under way.</summary>
    [Id(18)]
    public ReplicaMove? Move { get; init; }

    /// <summary>Since when its processes are gone, and why; null while they are not.</summary>
    [Id(19)]
    public Reclaimed? Reclaimed { get; init; }

    /// <summary>The GPUs that it holds as long as it lives.</summary>
    [Id(20)]
    public GpuLease? Reserved { get; init; }

    /// <summary>The cell that completed last, since its reply may not have left when its server is lost; null before the first.</summary>
    [Id(21)]
    public CompletedCell? LastCompleted { get; init; }

    /// <summary>How often its only process was lost and its variables with it.</summary>
    [Id(22)]
    public int Losses { get; init; }

    /// <summary>Replicas that are none of its own any more, whose grains or servers may not know that yet.</summary>
    [Id(23)]
    public ImmutableArray<LeavingReplica> Leaving { get; init; } = [];
}

/// <summary>A replica that goes.</summary>
/// <param name="Replica">Which.</param>
/// <param name="Server">Where it was placed.</param>
[GenerateSerializer, Immutable, Alias("notebook.leaving-replica")]
internal readonly record struct LeavingReplica([property: Id(0)] ReplicaId Replica, [property: Id(1)] ServerId Server);

/// <summary>The endings of a kernel's last cells; written once in fifty cells.</summary>
[GenerateSerializer, Alias("notebook.endings-record")]
internal sealed record EndingsRecord
{
    /// <summary>Oldest first.</summary>
    [Id(0)]
    public ImmutableArray<CellEnding> Endings { get; init; } = [];
}
