using Notebook.Contracts.Provisioning;

namespace Notebook.Contracts;

/// <summary>A request for a new kernel.</summary>
/// <param name="Kernel">The id to give it, or null for a new one.</param>
/// <param name="SpecName">Name of the kernelspec; empty for the default.</param>
/// <param name="User">Whose kernel it is.</param>
/// <param name="Environment">Environment variables for its processes.</param>
/// <param name="WorkingDirectory">Where its processes start; null for the server's default.</param>
/// <param name="Resources">What its cells get by default; null for the cluster's default.</param>
[GenerateSerializer, Immutable, Alias("notebook.kernel-request")]
public sealed record KernelRequest(
    [property: Id(0)] KernelId? Kernel,
    [property: Id(1)] string SpecName,
    [property: Id(2)] string User,
    [property: Id(3)] ImmutableDictionary<string, string> Environment,
    [property: Id(4)] string? WorkingDirectory,
    [property: Id(5)] ResourceRequest? Resources)
{
    /// <summary>How its state is to be kept.</summary>
    [Id(6)]
    public KeepingRequest Keeping { get; init; } = KeepingRequest.Default;
}

/// <summary>What became of a request for a kernel.</summary>
[GenerateSerializer, Immutable, Alias("notebook.start-kernel-outcome")]
public abstract record StartKernelOutcome
{
    /// <summary>It is starting.</summary>
    /// <param name="View">The kernel.</param>
    [GenerateSerializer, Immutable, Alias("notebook.start-kernel-outcome.started")]
    public sealed record Started([property: Id(0)] KernelView View) : StartKernelOutcome;

    /// <summary>No server has this kernelspec.</summary>
    /// <param name="Known">Those that there are.</param>
    [GenerateSerializer, Immutable, Alias("notebook.start-kernel-outcome.no-such-spec")]
    public sealed record NoSuchSpec([property: Id(0)] ImmutableArray<string> Known) : StartKernelOutcome;

    /// <summary>No GPU server is connected.</summary>
    [GenerateSerializer, Immutable, Alias("notebook.start-kernel-outcome.no-servers")]
    public sealed record NoServers : StartKernelOutcome;

    /// <summary>There are as many kernels as there may be, in all or of this user.</summary>
    /// <param name="Reason">What was found, what to do.</param>
    [GenerateSerializer, Immutable, Alias("notebook.start-kernel-outcome.limit-reached")]
    public sealed record LimitReached([property: Id(0)] string Reason) : StartKernelOutcome;

    /// <summary>The request itself cannot be met.</summary>
    /// <param name="Reason">Why.</param>
    [GenerateSerializer, Immutable, Alias("notebook.start-kernel-outcome.refused")]
    public sealed record Refused([property: Id(0)] string Reason) : StartKernelOutcome;
}

/// <summary>The cluster at one moment, for operators.</summary>
/// <param name="Servers">All servers that ever connected and were not removed.</param>
/// <param name="Kernels">All kernels that have not ended.</param>
[GenerateSerializer, Immutable, Alias("notebook.cluster-view")]
public sealed record ClusterView(
    [property: Id(0)] ImmutableArray<ServerView> Servers,
    [property: Id(1)] ImmutableArray<KernelView> Kernels)
{
    /// <summary>The cells that wait for GPUs, first come first.</summary>
    [Id(2)]
    public ImmutableArray<QueuePlace> Queue { get; init; } = [];

    /// <summary>The moves of replicas under way.</summary>
    [Id(3)]
    public ImmutableArray<MoveView> Moves { get; init; } = [];

    /// <summary>How far GPUs may be promised more than once now: promised over (GPUs × replicas of a kernel).</summary>
    [Id(4)]
    public double SubscriptionLimit { get; init; }

    /// <summary>How the number of servers is kept.</summary>
    [Id(5)]
    public ScalingStatus? Scaling { get; init; }

    /// <summary>How many kernels were ended since nobody used them; since the cluster manager was last activated.</summary>
    [Id(6)]
    public long CulledKernels { get; init; }
}

/// <summary>Servers, kernels, and the placement of replicas. One per cluster; its key is <see cref="Key"/>.</summary>
[Alias("notebook.IClusterManagerGrain")]
public interface IClusterManagerGrain : IGrainWithStringKey
{
    /// <summary>The one key.</summary>
    public const string Key = "cluster";

    /// <summary>Starts a kernel: places its replicas and tells its grain.</summary>
    [Alias("StartKernel")]
    Task<StartKernelOutcome> StartKernel(KernelRequest request);

    /// <summary>All kernels that have not ended.</summary>
    [AlwaysInterleave, Alias("Kernels")]
    Task<ImmutableArray<KernelView>> Kernels();

    /// <summary>Everything that <c>status</c> shows.</summary>
    [AlwaysInterleave, Alias("View")]
    Task<ClusterView> View();

    /// <summary>The last decisions about a kernel, its own grain's too, oldest first; those about servers when it is null.</summary>
    [AlwaysInterleave, Alias("Explain")]
    Task<ImmutableArray<Decision>> Explain(KernelId? kernel);

    /// <summary>The kernelspecs that the servers offer, by name; the default first.</summary>
    [AlwaysInterleave, Alias("KernelSpecs")]
    Task<ImmutableArray<KernelSpecInfo>> KernelSpecs();

    /// <summary>From a server's grain: it came up, or changed what it has.</summary>
    [OneWay, Alias("ServerUp")]
    Task ServerUp(ServerId server, ImmutableArray<KernelSpecInfo> specs);

    /// <summary>From a server's grain: it is lost.</summary>
    [OneWay, Alias("ServerLost")]
    Task ServerLost(ServerId server);

    /// <summary>From a server's grain: what it has, holds or promises changed.</summary>
    [OneWay, Alias("ServerChanged")]
    Task ServerChanged(ServerSummary server);

    /// <summary>From a kernel's grain: it ended.</summary>
    [OneWay, Alias("KernelEnded")]
    Task KernelEnded(KernelId kernel);

    /// <summary>From a kernel's grain: it has ended itself since nobody used it.</summary>
    [OneWay, Alias("KernelCulled")]
    Task KernelCulled(KernelId kernel, string reason);

    /// <summary>
    /// From a kernel's grain: its next cell found no room at its replicas' servers. Puts it into the cluster's queue, or says
    /// anew what it waits for; its place is by its first arrival. The kernel is told by <see cref="IKernelGrain.RoomFreed"/>
    /// when room is kept for it, or by <see cref="IKernelGrain.Move"/> when a replica is to move to where there is some.
    /// </summary>
    [Alias("Wait")]
    Task<WaitOutcome> Wait(WaitingCell cell);

    /// <summary>From a kernel's grain: it waits for nothing up to and with this execution. Idempotent.</summary>
    [OneWay, Alias("LeaveQueue")]
    Task LeaveQueue(KernelId kernel, long execution);

    /// <summary>From a kernel's grain: it has fewer replicas than it wants, or one that is lost for good. Said again every minute while it is so.</summary>
    [OneWay, Alias("LacksReplica")]
    Task LacksReplica(KernelId kernel);

    /// <summary>From a kernel's grain: a move that was asked of it came to its end.</summary>
    [OneWay, Alias("MoveEnded")]
    Task MoveEnded(KernelId kernel, MoveEnding ending);

    /// <summary>From a provisioner's grain: an operation came to its end.</summary>
    [OneWay, Alias("Provisioned")]
    Task Provisioned(ServerId server, long operation, ProvisionOutcome outcome);

    /// <summary>Empties a server (nothing new is placed there, its replicas move away), or takes that back. Stored.</summary>
    /// <returns>The server, or null when there is none of this name.</returns>
    [Alias("Drain")]
    Task<DrainView?> Drain(ServerId server, bool drain);
}
