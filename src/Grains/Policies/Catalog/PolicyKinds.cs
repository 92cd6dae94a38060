using Notebook.Grains.Policies.Guards;

namespace Notebook.Grains.Policies.Catalog;

/// <summary>The closed set of kinds. A new kind is one entry here, with its interface in <c>src/Contracts/Policies</c> and its guard in <c>Guards/</c>.</summary>
public static class PolicyKinds
{
    /// <summary>The servers of a kernel's replicas.</summary>
    public static PolicyKind<IPlacementPolicy> Placement { get; } = new(
        "placement", "which servers a kernel's replicas are on",
        (plugin, builtIn, guard) => new GuardedPlacement(plugin, builtIn, guard),
        new PolicyOffer<IPlacementPolicy>("least-loaded", "fewest promised GPUs first, then replicas, CPU in use, id", _ => new LeastLoadedPlacement()),
        new PolicyOffer<IPlacementPolicy>("gpu-affinity", "kernels of as many GPUs on the same servers, then as least-loaded", _ => new GpuAffinityPlacement()));

    /// <summary>The replica that runs a cell.</summary>
    public static PolicyKind<IExecutorPolicy> Executor { get; } = new(
        "executor", "which replica is asked first to run a cell",
        (plugin, builtIn, guard) => new GuardedExecutor(plugin, builtIn, guard),
        new PolicyOffer<IExecutorPolicy>("sticky", "the last executor first, then those that hold the state", _ => new StickyExecutor()));

    /// <summary>The order of the cells that wait for GPUs.</summary>
    public static PolicyKind<IQueuePolicy> Queue { get; } = new(
        "queue", "in which order cells that wait for GPUs get them",
        (plugin, builtIn, guard) => new GuardedQueue(plugin, builtIn, guard),
        new PolicyOffer<IQueuePolicy>("fair", "first come, first served, but who has much lets others pass, for ten minutes at most", _ => new FairQueue()),
        new PolicyOffer<IQueuePolicy>("first-come", "first come, first served, whoever it is", _ => new FirstComeQueue()));

    /// <summary>The moves of replicas.</summary>
    public static PolicyKind<IMigrationPolicy> Migration { get; } = new(
        "migration", "which replica moves where, for a cell that finds no room or a server that is drained",
        (plugin, builtIn, guard) => new GuardedMigration(plugin, builtIn, guard),
        new PolicyOffer<IMigrationPolicy>("cheapest", "what has least to be copied, to the server where the fewest GPUs are left idle", _ => new CheapestMove()),
        new PolicyOffer<IMigrationPolicy>("none", "nothing moves: cells wait for the servers that their kernel has", _ => new NoMove()));

    /// <summary>What standbys do.</summary>
    public static PolicyKind<IStandbyPolicy> Standby { get; } = new(
        "standby", "what a kernel's other replicas do with its state",
        (plugin, builtIn, guard) => new GuardedStandby(plugin, builtIn, guard),
        Chosen(StandbyMode.Hot, "they take changes in as they come"),
        Chosen(StandbyMode.Warm, "they have a process, which takes changes in when it is needed"),
        Chosen(StandbyMode.Cold, "they have no process until it is needed"));

    /// <summary>Warm processes.</summary>
    public static PolicyKind<IPrewarmPolicy> Prewarm { get; } = new(
        "prewarm", "how many kernel processes each server keeps warm",
        (plugin, builtIn, guard) => new GuardedPrewarm(plugin, builtIn, guard),
        Pool("agent", "as many as its agent was started with"),
        Pool("fixed", "a number for each kernelspec", "N"),
        Pool("minimum", "so many that N are idle always, by the measured starts", "N"),
        Pool("littles-law", "as many as the measured starts need, by Little's law, and memory has room for"));

    /// <summary>Idle kernels.</summary>
    public static PolicyKind<IReclaimPolicy> Reclaim { get; } = new(
        "reclaim", "when an idle kernel gives its processes back",
        (plugin, builtIn, guard) => new GuardedReclaim(plugin, builtIn, guard),
        new PolicyOffer<IReclaimPolicy>("none", "never", _ => new ReclaimNone()),
        new PolicyOffer<IReclaimPolicy>(
            "idle", "when no client has used it for a time, such as 30m",
            text => ReclaimChoice.Parse($"idle:{text}") is { After: { } after } ? new ReclaimIdle(after) : throw new FormatException($"it must be {ReclaimChoice.Known}"),
            "TIME"));

    /// <summary>The number of servers.</summary>
    public static PolicyKind<IScalingPolicy> Scaling { get; } = new(
        "scaling", "how many servers there are, between --min-servers and --max-servers",
        (plugin, builtIn, guard) => new GuardedScaling(plugin, builtIn, guard),
        new PolicyOffer<IScalingPolicy>("peak", $"the highest demand of the last {PeakScaling.DefaultMinutes} minutes, and one GPU less to spare than a server has", _ => new PeakScaling()),
        new PolicyOffer<IScalingPolicy>("peak-of", "the same with other figures", text => PeakScaling.Parse(text!), "MINUTES,GPUS"),
        new PolicyOffer<IScalingPolicy>("notebookos", "1.05 times the GPUs in use and waited for, a buffer, and what the queue needs; fewer above 1.1 times", _ => new DemandScaling(new DemandScalingOptions())),
        new PolicyOffer<IScalingPolicy>("fixed", "as many as there are", _ => new FixedScaling()));

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static ImmutableArray<PolicyKind> All { get; } = [Placement, Executor, Queue, Migration, Standby, Prewarm, Reclaim, Scaling];

    private static PolicyOffer<IPrewarmPolicy> Pool(string name, string description, string? option = null) => new(
        name, description,
        text => PrewarmPolicies.Of(PrewarmChoice.Parse(text is null ? name : $"{name}:{text}") ?? throw new FormatException($"it must be {PrewarmChoice.Known}")),
        option);

    private static PolicyOffer<IStandbyPolicy> Chosen(StandbyMode mode, string description) =>
        new(KeepingWords.Of(mode), $"{description}, unless the kernel asks otherwise", _ => new ChosenStandby(mode));
}
