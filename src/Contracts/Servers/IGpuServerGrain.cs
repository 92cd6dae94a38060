namespace Notebook.Contracts;

/// <summary>What became of a request for GPUs.</summary>
[GenerateSerializer, Immutable, Alias("notebook.lease-outcome")]
public abstract record LeaseOutcome
{
    /// <summary>The GPUs are the execution's until it ends.</summary>
    /// <param name="Lease">Which.</param>
    [GenerateSerializer, Immutable, Alias("notebook.lease-outcome.granted")]
    public sealed record Granted([property: Id(0)] GpuLease Lease) : LeaseOutcome;

    /// <summary>Not now. The kernel is told by <see cref="IKernelGrain.RoomFreed"/> when it is worth asking again.</summary>
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
}

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

    /// <summary>Counts a replica as placed here, with the GPUs promised to it. Idempotent.</summary>
    /// <returns>Where the server's agent is reached; empty when it has never connected.</returns>
    [Alias("Place")]
    Task<string> Place(ReplicaId replica, int promisedGpus);

    /// <summary>From a kernel's grain: a log on the server's disk is of no use any more.</summary>
    [Alias("DropLog")]
    Task DropLog(HeldLog held);

    /// <summary>Takes a replica off this server, and ends any lease of its kernel here. Idempotent.</summary>
    [Alias("Unplace")]
    Task Unplace(ReplicaId replica);

    /// <summary>Asks for GPUs for one execution. Asking again for the same execution gives the same lease.</summary>
    [Alias("Lease")]
    Task<LeaseOutcome> Lease(KernelId kernel, long execution, int gpus);

    /// <summary>Gives the GPUs of an execution back. Idempotent.</summary>
    [Alias("Release")]
    Task Release(KernelId kernel, long execution);

    /// <summary>The server now; null when it has never connected.</summary>
    [AlwaysInterleave, Alias("View")]
    Task<ServerView?> View();
}
