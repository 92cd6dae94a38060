namespace Notebook.Contracts;

/// <summary>What became of a request for GPUs.</summary>
[GenerateSerializer, Immutable, Alias("notebook.lease-outcome")]
public abstract record LeaseOutcome
{
    /// <summary>The GPUs are the execution's until it ends.</summary>
    /// <param name="Lease">Which.</param>
    [GenerateSerializer, Immutable, Alias("notebook.lease-outcome.granted")]
    public sealed record Granted([property: Id(0)] GpuLease Lease) : LeaseOutcome;

    /// <summary>Not now. Who still wants them waits in the cluster's queue (<see cref="IClusterManagerGrain.Wait"/>).</summary>
    /// <param name="Reason">What was asked and what was found, for the user.</param>
    [GenerateSerializer, Immutable, Alias("notebook.lease-outcome.full")]
    public sealed record Full([property: Id(0)] string Reason) : LeaseOutcome;

    /// <summary>Never on this server as it is.</summary>
    /// <param name="Reason">What was asked and what the server has.</param>
    [GenerateSerializer, Immutable, Alias("notebook.lease-outcome.impossible")]
    public sealed record Impossible([property: Id(0)] string Reason) : LeaseOutcome;
}

/// <summary>Whether a server can be used.</summary>
public enum ServerState
{
    /// <summary>Its agent is connected.</summary>
    Up,

    /// <summary>Its agent's connection broke a moment ago; it may come back with everything it had.</summary>
    Suspect,

    /// <summary>Its agent is gone; what ran there is lost.</summary>
    Down,
}

/// <summary>One GPU of a server and who holds it.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Lease">Its lease; null when it is free.</param>
[GenerateSerializer, Immutable, Alias("notebook.gpu-view")]
public sealed record GpuView([property: Id(0)] GpuInfo Gpu, [property: Id(1)] GpuLease? Lease);

/// <summary>A GPU server at one moment.</summary>
/// <param name="Server">Its id.</param>
/// <param name="State">Whether it can be used.</param>
/// <param name="ProcessId">Operating system id of its agent.</param>
/// <param name="DataAddress">Where gateways and other agents reach it.</param>
/// <param name="Gpus">Its GPUs.</param>
/// <param name="Load">How busy it is.</param>
/// <param name="Replicas">The replicas placed on it.</param>
/// <param name="PromisedGpus">GPUs promised to those replicas, by their kernels' specs.</param>
/// <param name="SubscriptionRatio">Promised GPUs over (GPUs × replicas per kernel); 0 for a server without GPUs.</param>
[GenerateSerializer, Immutable, Alias("notebook.server-view")]
public sealed record ServerView(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] ServerState State,
    [property: Id(2)] int ProcessId,
    [property: Id(3)] string DataAddress,
    [property: Id(4)] ImmutableArray<GpuView> Gpus,
    [property: Id(5)] ServerLoad Load,
    [property: Id(6)] ImmutableArray<ReplicaId> Replicas,
    [property: Id(7)] int PromisedGpus,
    [property: Id(8)] double SubscriptionRatio)
{
    /// <summary>Why its agent keeps as many processes warm as it was told; null while it was told nothing.</summary>
    [Id(9)]
    public string? PoolReason { get; init; }

    /// <summary>What of the four resources there is, is committed to cells, kept for waiting cells, and promised to replicas.</summary>
    [Id(10)]
    public ServerAccount Account { get; init; } = new(default, default, default, default);

    /// <summary>Whether it is being emptied: nothing new is placed on it, and its replicas move away.</summary>
    [Id(11)]
    public bool Draining { get; init; }
}

/// <summary>The four resources of one server. Never more is committed than there is; promised may be more, within the cluster's limits.</summary>
/// <param name="Spec">What there is.</param>
/// <param name="Committed">What running cells hold.</param>
/// <param name="Held">What is kept for cells that wait, of the rest or of what running cells give back.</param>
/// <param name="Promised">What its replicas' kernels may ask for.</param>
[GenerateSerializer, Immutable, Alias("notebook.server-account")]
public sealed record ServerAccount(
    [property: Id(0)] ResourceAmounts Spec,
    [property: Id(1)] ResourceAmounts Committed,
    [property: Id(2)] ResourceAmounts Held,
    [property: Id(3)] ResourceAmounts Promised)
{
    /// <summary>What no cell holds: with what is committed it is what there is.</summary>
    public ResourceAmounts Idle => Spec - Committed;

    /// <summary>Promised GPUs over (GPUs × replicas of a kernel); 0 for a server without GPUs.</summary>
    public double SubscriptionRatio(int replicasPerKernel) => Spec.Gpus == 0 ? 0 : (double)Promised.Gpus / (Spec.Gpus * replicasPerKernel);
}

/// <summary>What the cluster manager keeps in mind of a server.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Version">Of two of one activation of its grain the newer has the higher.</param>
/// <param name="State">Whether it can be used.</param>
/// <param name="Account">Its resources.</param>
/// <param name="Replicas">How many replicas are placed on it.</param>
/// <param name="Load">How busy it is.</param>
[GenerateSerializer, Immutable, Alias("notebook.server-summary")]
public sealed record ServerSummary(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] long Version,
    [property: Id(2)] ServerState State,
    [property: Id(3)] ServerAccount Account,
    [property: Id(4)] int Replicas,
    [property: Id(5)] ServerLoad Load)
{
    /// <summary>The GPUs that the cells of each user hold.</summary>
    [Id(6)]
    public ImmutableArray<UserGpus> Users { get; init; } = [];
}

/// <summary>GPUs that a user's cells hold.</summary>
/// <param name="User">Who.</param>
/// <param name="Gpus">How many.</param>
[GenerateSerializer, Immutable, Alias("notebook.user-gpus")]
public sealed record UserGpus([property: Id(0)] string User, [property: Id(1)] int Gpus);

/// <summary>GPU leases of one server, its load and health. Placed with its agent's connection.</summary>
[Alias("notebook.IGpuServerGrain")]
public interface IGpuServerGrain : IGrainWithStringKey
{
    /// <summary>From the silo that holds the agent's connection: the agent connected, and this is what it has.</summary>
    [Alias("Connected")]
    Task Connected(ServerRegistration registration);

    /// <summary>From that silo: the connection with this boot id broke. The server is lost unless it is back within three seconds.</summary>
    [Alias("Disconnected")]
    Task Disconnected(string bootId, string reason);

    /// <summary>From that silo: a sign of life.</summary>
    [OneWay, Alias("Heartbeat")]
    Task Heartbeat(ServerLoad load);

    /// <summary>From that silo: the agent's word on a replica.</summary>
    [OneWay, Alias("ReplicaReported")]
    Task ReplicaReported(ReplicaReport report);

    /// <summary>Counts a replica as placed here, with what is promised to it. Idempotent.</summary>
    /// <returns>Where the server's agent is reached; empty when it has never connected.</returns>
    [Alias("Place")]
    Task<string> Place(ReplicaId replica, ResourceAmounts promised);

    /// <summary>From a kernel's grain: a log on the server's disk is of no use any more.</summary>
    [Alias("DropLog")]
    Task DropLog(HeldLog held);

    /// <summary>Takes a replica off this server, and ends any lease of its kernel here. Idempotent.</summary>
    [Alias("Unplace")]
    Task Unplace(ReplicaId replica);

    /// <summary>Asks for GPUs, and what goes with them, for one execution. Asking again for the same execution gives the same lease.</summary>
    [Alias("Lease")]
    Task<LeaseOutcome> Lease(KernelId kernel, string user, long execution, ResourceAmounts amounts);

    /// <summary>Gives back what an execution of a kernel, or an earlier one, holds or has kept for it. Idempotent.</summary>
    [Alias("Release")]
    Task Release(KernelId kernel, long execution);

    /// <summary>
    /// From the cluster manager: keeps room for an execution that waits. It lapses when it is not said again within 30 seconds, and
    /// ends with the execution's lease or release.
    /// </summary>
    /// <param name="kernel">Whose.</param>
    /// <param name="execution">The execution.</param>
    /// <param name="amounts">How much.</param>
    /// <param name="isIdle">Whether the room is idle now, and offered; else it is kept as it becomes idle, for one cell at a time, and offers of before still stand.</param>
    [Alias("Hold")]
    Task Hold(KernelId kernel, long execution, ResourceAmounts amounts, bool isIdle);

    /// <summary>The server in short; null when it has never connected.</summary>
    [AlwaysInterleave, Alias("Summary")]
    Task<ServerSummary?> Summary();

    /// <summary>The server now; null when it has never connected.</summary>
    [AlwaysInterleave, Alias("View")]
    Task<ServerView?> View();
}
