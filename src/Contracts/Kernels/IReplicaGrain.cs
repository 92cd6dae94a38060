namespace Notebook.Contracts;

/// <summary>What a replica's process is to be.</summary>
/// <param name="Server">On which server.</param>
/// <param name="Definition">Of which kernel.</param>
/// <param name="Session">The kernel's Jupyter <c>header.session</c>.</param>
/// <param name="Incarnation">The kernel's incarnation; a process of an older one is ended.</param>
[GenerateSerializer, Immutable, Alias("notebook.replica-assignment")]
public sealed record ReplicaAssignment(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] KernelDefinition Definition,
    [property: Id(2)] string Session,
    [property: Id(3)] int Incarnation)
{
    /// <summary>All replicas of the kernel, this one too, as far as the kernel knew when it said so.</summary>
    [Id(4)]
    public ImmutableArray<ReplicaPeer> Peers { get; init; } = [];

    /// <summary>The replicas that the Raft group of this incarnation begins with; others join it.</summary>
    [Id(5)]
    public ImmutableArray<ReplicaId> Founders { get; init; } = [];

    /// <summary>How the kernel's state is kept; may change while the process runs.</summary>
    [Id(6)]
    public Keeping Keeping { get; init; } = new(Durability.State, StandbyMode.Hot);

    /// <summary>Whether the kernel has given its processes back: the executor has none either until it is used.</summary>
    [Id(7)]
    public bool IsReclaimed { get; init; }
}

/// <summary>What is to become of a replica in a move of its kernel's only one.</summary>
public enum PeerStanding
{
    /// <summary>It takes part in all decisions of the kernel's Raft group, or is to.</summary>
    Stays,

    /// <summary>It only learns, until it has all that the kernel has.</summary>
    Joins,

    /// <summary>Who stays takes the lead, fetches what it lacks, and removes it from the group.</summary>
    Leaves,
}

/// <summary>Where a replica is to be found by the other replicas of its kernel.</summary>
/// <param name="Replica">Which.</param>
/// <param name="Server">Its server.</param>
/// <param name="Address">Where other agents reach its agent, such as <c>ws://127.0.0.1:9001/</c>; empty while unknown.</param>
[GenerateSerializer, Immutable, Alias("notebook.replica-peer")]
public sealed record ReplicaPeer(
    [property: Id(0)] ReplicaId Replica, [property: Id(1)] ServerId Server, [property: Id(2)] string Address)
{
    /// <summary>What is to become of it.</summary>
    [Id(3)]
    public PeerStanding Standing { get; init; }
}

/// <summary>The order to run one cell at a replica.</summary>
/// <param name="MessageId">The request whose bytes the gateway stages at the agent.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="Epoch">The kernel's executor epoch: an agent refuses an older one than it has seen for the kernel.</param>
/// <param name="Lease">Its GPUs, or null.</param>
[GenerateSerializer, Immutable, Alias("notebook.cell-order")]
public sealed record CellOrder(
    [property: Id(0)] string MessageId,
    [property: Id(1)] long Execution,
    [property: Id(2)] long Epoch,
    [property: Id(3)] GpuLease? Lease);

/// <summary>The question whether a cell counts whose executor was lost.</summary>
/// <param name="MessageId">Its request.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="Epoch">The epoch in which the replica that is asked leads, so that the lost one can commit nothing any more.</param>
/// <param name="Lost">The server that ran it.</param>
[GenerateSerializer, Immutable, Alias("notebook.cell-recall")]
public sealed record CellRecall(
    [property: Id(0)] string MessageId,
    [property: Id(1)] long Execution,
    [property: Id(2)] long Epoch,
    [property: Id(3)] ServerId Lost);

/// <summary>What an agent knows of one execution at one replica.</summary>
public enum ExecutionPhase
{
    /// <summary>Ordered or running; the agent holds it.</summary>
    Running,

    /// <summary>The kernel process replied <c>ok</c>.</summary>
    Succeeded,

    /// <summary>The kernel process replied <c>error</c> or <c>aborted</c>.</summary>
    Failed,

    /// <summary>The process ended before it replied.</summary>
    ProcessLost,

    /// <summary>The agent would not run it: stale epoch, unknown replica, or its bytes never came.</summary>
    Refused,

    /// <summary>It ran, but what it changed could not be kept; its process was ended, since it holds what is not the kernel's state.</summary>
    NotKept,

    /// <summary>The answer to <see cref="IReplicaGrain.Recall"/>: what it changed is not in the kernel's log, and never will be.</summary>
    NotCommitted,

    /// <summary>
    /// The replica was not ready for it, or could not lead the kernel. It has not run, and in the epoch of its order it never will
    /// there: it may be ordered elsewhere, or there again in a later epoch.
    /// </summary>
    NotNow,
}

/// <summary>An agent's word on an execution.</summary>
/// <param name="MessageId">The request.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="Epoch">Under which epoch.</param>
/// <param name="Phase">What became of it.</param>
/// <param name="Reason">Why, when refused or lost.</param>
[GenerateSerializer, Immutable, Alias("notebook.execution-report")]
public sealed record ExecutionReport(
    [property: Id(0)] string MessageId,
    [property: Id(1)] long Execution,
    [property: Id(2)] long Epoch,
    [property: Id(3)] ExecutionPhase Phase,
    [property: Id(4)] string? Reason)
{
    /// <summary>What the notebook has set for the cells that follow, as the kernel process had it after this one; null when it did not say.</summary>
    [Id(5)]
    public CellDefault? CellDefault { get; init; }
}

/// <summary>What the cells of a kernel get that ask for nothing themselves, as its notebook set it with <c>%gpu</c>.</summary>
/// <param name="Request">What they get; null where the notebook has set nothing, so that they get what the kernel was started with.</param>
[GenerateSerializer, Immutable, Alias("notebook.cell-default")]
public sealed record CellDefault([property: Id(0)] ResourceRequest? Request);

/// <summary>An agent's word on one replica.</summary>
/// <param name="Replica">Which.</param>
/// <param name="Incarnation">Of which incarnation its process is.</param>
/// <param name="Phase">What its process is doing.</param>
/// <param name="ProcessId">Its process, 0 when there is none.</param>
/// <param name="Reason">Why it is lost or stopped.</param>
/// <param name="LastExecution">The running or latest execution; null when there was none.</param>
[GenerateSerializer, Immutable, Alias("notebook.replica-report")]
public sealed record ReplicaReport(
    [property: Id(0)] ReplicaId Replica,
    [property: Id(1)] int Incarnation,
    [property: Id(2)] ReplicaPhase Phase,
    [property: Id(3)] int ProcessId,
    [property: Id(4)] string? Reason,
    [property: Id(5)] ExecutionReport? LastExecution)
{
    /// <summary>What of the kernel's state it alone is known to have; null for nothing.</summary>
    [Id(6)]
    public StateAtRisk? AtRisk { get; init; }

    /// <summary>What it does with the kernel's state at present: when it is <see cref="StandbyMode.Cold"/>, it is ready without a process.</summary>
    [Id(7)]
    public StandbyMode Standby { get; init; }

    /// <summary>Whether its copy of the kernel's state is damaged, so that it may never act again.</summary>
    [Id(8)]
    public bool IsDamaged { get; init; }

    /// <summary>Bytes of the kernel's state that it holds; 0 while unknown.</summary>
    [Id(9)]
    public long StateBytes { get; init; }

    /// <summary>Why its process may not end although its kernel is idle; null when it may, as far as the agent knows.</summary>
    [Id(10)]
    public string? Held { get; init; }

    /// <summary>Whether it leads and is, by what was committed, the only member of the kernel's Raft group.</summary>
    [Id(11)]
    public bool IsAlone { get; init; }
}

/// <summary>One replica's life on its server. Placed with its server's agent connection.</summary>
[Alias("notebook.IReplicaGrain")]
public interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Has the agent make the process what <paramref name="assignment"/> says; remembered, and repeated when the agent comes back.</summary>
    [Alias("Assign")]
    Task Assign(ReplicaAssignment assignment);

    /// <summary>From the kernel: its replicas, or their addresses, are others now than the assignment said.</summary>
    [Alias("SetPeers")]
    Task SetPeers(ImmutableArray<ReplicaPeer> peers);

    /// <summary>Ends the process and forgets the replica.</summary>
    [Alias("Remove")]
    Task Remove();

    /// <summary>Orders a cell. What becomes of it comes back as <see cref="IKernelGrain.ExecutionReported"/>.</summary>
    /// <returns>False when the server's agent is not connected: the cell was not ordered.</returns>
    [Alias("Run")]
    Task<bool> Run(CellOrder order);

    /// <summary>
    /// Has the replica lead from now on, and say whether what a cell changed whose executor was lost is in the kernel's log. It
    /// comes back as <see cref="IKernelGrain.ExecutionReported"/>: as the cell ended, if it is; else <see cref="ExecutionPhase.NotCommitted"/>.
    /// </summary>
    /// <returns>False when the server's agent is not connected: nobody was asked.</returns>
    [Alias("Recall")]
    Task<bool> Recall(CellRecall recall);

    /// <summary>Interrupts what the process runs.</summary>
    [Alias("Interrupt")]
    Task Interrupt();

    /// <summary>From the server's grain: the agent's word on the replica.</summary>
    [OneWay, Alias("Reported")]
    Task Reported(ReplicaReport report, string dataAddress);

    /// <summary>From the server's grain: the agent is connected anew, and knows this replica; orders of before may not have arrived.</summary>
    [OneWay, Alias("Reconnected")]
    Task Reconnected();

    /// <summary>From the server's grain: the agent is connected, and does not know this replica: start it again.</summary>
    [OneWay, Alias("Missing")]
    Task Missing();

    /// <summary>From the server's grain: the server is lost.</summary>
    [OneWay, Alias("ServerLost")]
    Task ServerLost(string reason);
}
