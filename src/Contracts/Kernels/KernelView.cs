namespace Notebook.Contracts;

/// <summary>A kernel as clients see it.</summary>
public enum KernelState
{
    /// <summary>No replica's process has come up yet.</summary>
    Starting,

    /// <summary>Ready, no cell runs or waits.</summary>
    Idle,

    /// <summary>A cell runs or waits for its turn or its GPUs.</summary>
    Busy,

    /// <summary>Ended, or failed to start for good; <see cref="KernelView.Reason"/> says why.</summary>
    Dead,
}

/// <summary>What one replica's process is doing on its server.</summary>
public enum ReplicaPhase
{
    /// <summary>Ordered, the agent has not yet said that its process is up.</summary>
    Starting,

    /// <summary>It can take messages and cells: its process is up, or, for a cold standby, will be when it is needed.</summary>
    Ready,

    /// <summary>Its process ended or its server is lost; it will be started again when it can be.</summary>
    Lost,

    /// <summary>Ended on request, or given up.</summary>
    Stopped,
}

/// <summary>One replica of a kernel, as the grains know it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Server">Its server.</param>
/// <param name="Phase">What its process is doing.</param>
/// <param name="ProcessId">Operating system id of the process on its server, 0 while there is none.</param>
/// <param name="DataAddress">Where gateways and other agents reach its agent, such as <c>ws://127.0.0.1:9001/</c>; empty while unknown.</param>
/// <param name="Reason">Why it is lost or stopped; null otherwise.</param>
/// <param name="Incarnation">The kernel's incarnation that its process was ordered for.</param>
[GenerateSerializer, Immutable, Alias("notebook.replica-view")]
public sealed record ReplicaView(
    [property: Id(0)] ReplicaId Id,
    [property: Id(1)] ServerId Server,
    [property: Id(2)] ReplicaPhase Phase,
    [property: Id(3)] int ProcessId,
    [property: Id(4)] string DataAddress,
    [property: Id(5)] string? Reason,
    [property: Id(6)] int Incarnation = 0)
{
    /// <summary>What of the kernel's state it alone is known to have; null for nothing.</summary>
    [Id(7)]
    public StateAtRisk? AtRisk { get; init; }

    /// <summary>What it does with the kernel's state at present, while it is ready.</summary>
    [Id(8)]
    public StandbyMode Standby { get; init; }

    /// <summary>Whether its copy of the kernel's state is damaged, so that another replica has to take its place.</summary>
    [Id(9)]
    public bool IsDamaged { get; init; }

    /// <summary>Bytes of the kernel's state that it holds, which another in its place would have to fetch; 0 while unknown.</summary>
    [Id(10)]
    public long StateBytes { get; init; }

    /// <summary>Why its process may not end although its kernel is idle; null when it may.</summary>
    [Id(11)]
    public string? Held { get; init; }

    /// <summary>Whether it leads and is, by what was committed, the only member of the kernel's Raft group: no other replica can have what it has not.</summary>
    [Id(12)]
    public bool IsAlone { get; init; }
}

/// <summary>What of a kernel's state would be lost with the replica that leads.</summary>
/// <param name="Bytes">Of large values that are still on their way to a majority of the replicas.</param>
/// <param name="Names">Values that cannot be copied, as <c>name: reason</c>.</param>
[GenerateSerializer, Immutable, Alias("notebook.state-at-risk")]
public sealed record StateAtRisk([property: Id(0)] long Bytes, [property: Id(1)] ImmutableArray<string> Names)
{
    /// <summary>By value, the names too.</summary>
    public bool Equals(StateAtRisk? other) => other is not null && Bytes == other.Bytes && Names.SequenceEqual(other.Names);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Bytes, Names.Length);
}

/// <summary>A cell in a kernel's queue, or running.</summary>
/// <param name="MessageId">The <c>msg_id</c> of its <c>execute_request</c>.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="Running">Whether it has been started at a replica.</param>
/// <param name="WaitingFor">What it waits for, in words for its user that can follow on "waiting for"; null when it runs, or waits only for the cells before it.</param>
/// <param name="Lease">The GPUs that it holds while it runs; null when it needs none or waits.</param>
[GenerateSerializer, Immutable, Alias("notebook.cell-view")]
public sealed record CellView(
    [property: Id(0)] string MessageId,
    [property: Id(1)] long Execution,
    [property: Id(2)] bool Running,
    [property: Id(3)] string? WaitingFor,
    [property: Id(4)] GpuLease? Lease);

/// <summary>A kernel at one moment. A newer view of the same kernel has a higher <see cref="Version"/>.</summary>
/// <param name="Version">Grows with every change, over silo restarts too.</param>
/// <param name="Definition">What was asked for.</param>
/// <param name="State">What clients see.</param>
/// <param name="Reason">Why it is dead; null otherwise.</param>
/// <param name="Session">
/// The Jupyter <c>header.session</c> of everything that this kernel says: one for all replicas, new only when the
/// kernel is restarted so that its user notices.
/// </param>
/// <param name="Incarnation">Counts the restarts that the user asked for, from 1.</param>
/// <param name="Executor">The replica that runs cells and answers for the kernel; null while none is there.</param>
/// <param name="Replicas">All replicas.</param>
/// <param name="Cells">The running cell, if any, then the queue in order; in notifications to observers the first 20 of them.</param>
/// <param name="Standbys">What standbys are to do with the kernel's state: <c>hot</c>, <c>warm</c> or <c>cold</c>; <c>none</c> when there are none.</param>
/// <param name="StateSafe">Whether losing the executor's server now would lose nothing of the kernel's state but <see cref="Unreplicated"/>.</param>
/// <param name="LastActivity">When a client last used it.</param>
[GenerateSerializer, Immutable, Alias("notebook.kernel-view")]
public sealed record KernelView(
    [property: Id(0)] long Version,
    [property: Id(1)] KernelDefinition Definition,
    [property: Id(2)] KernelState State,
    [property: Id(3)] string? Reason,
    [property: Id(4)] string Session,
    [property: Id(5)] int Incarnation,
    [property: Id(6)] ReplicaId? Executor,
    [property: Id(7)] ImmutableArray<ReplicaView> Replicas,
    [property: Id(8)] ImmutableArray<CellView> Cells,
    [property: Id(9)] string Standbys,
    [property: Id(10)] bool StateSafe,
    [property: Id(11)] DateTimeOffset LastActivity)
{
    /// <summary>The GPUs that it holds as long as it lives; null where it holds none but for its cells.</summary>
    [Id(15)]
    public GpuLease? Reserved { get; init; }

    /// <summary>The server that it waits for since that alone has its variables, and why that is away; null while that is not so.</summary>
    [Id(16)]
    public string? WaitsForServer { get; init; }

    /// <summary>How often its only process was lost and its variables with it, so that it began again from nothing. Of a kernel that is not ours.</summary>
    [Id(18)]
    public int Losses { get; init; }

    /// <summary>What a cell's acknowledgement waits for.</summary>
    [Id(12)]
    public Durability Durability { get; init; }

    /// <summary>Since when it has given its processes back, and why; null while it has not.</summary>
    [Id(14)]
    public Reclaimed? Reclaimed { get; init; }

    /// <summary>How many clients it has at all gateways, as they said last.</summary>
    [Id(17)]
    public int Connections { get; init; }

    /// <summary>Values that cannot be copied and are at the executor alone, as <c>name: reason</c>.</summary>
    public ImmutableArray<string> Unreplicated => ExecutorView?.AtRisk?.Names ?? [];

    /// <summary>The move of a replica under way; null when there is none.</summary>
    [Id(13)]
    public MoveView? Moving { get; init; }

    /// <summary>Its replicas, as far as they could move: none that has what no other has.</summary>
    public ImmutableArray<MovableReplica> Movables =>
    [
        .. Replicas.Select(r => new MovableReplica(
            r.Id, r.Server, r.Id == Executor, r.Phase == ReplicaPhase.Ready, r.StateBytes,
            Definition.IsForeign ? "it is not replicated, and has its variables in its process alone" :
            r.AtRisk is { } risk ? risk.Names is [var name, ..] ? $"it alone has the value {name}" : "its large values are on their way to other servers" : null)),
    ];

    /// <summary>The kernel's id.</summary>
    public KernelId Kernel => Definition.Kernel;

    /// <summary>The replica that answers for the kernel, or null while there is none.</summary>
    public ReplicaView? ExecutorView => Executor is { } id ? Replicas.FirstOrDefault(r => r.Id == id) : null;
}
