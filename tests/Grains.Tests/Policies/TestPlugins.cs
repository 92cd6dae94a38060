using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Regimes;

namespace Notebook.Grains.Tests.Policies;

/// <summary>Policies of this assembly, as if they had come from a file.</summary>
internal static class TestPlugins
{
    public const string File = "Test.dll";

    public static KnownPolicy Known(PolicyKind kind, IPolicy policy) => new(kind, policy.Name, policy.Description, File, null, _ => policy);

    /// <summary>The defaults, but for one kind.</summary>
    public static PolicyPlan Plan(PolicyKind kind, IPolicy policy) => new(KnownRegimes.Default,
    [
        .. PolicyCatalog.BuiltIn.Plan([]).Picks.Select(pick => pick.Known.Kind == kind ? new PolicyPick(Known(kind, policy), null, policy) : pick),
    ]);
}

/// <summary>Places as the test says.</summary>
internal sealed class ScriptedPlacement(Func<int, ImmutableArray<PlacementServer>, PlacementDecision> place) : IPlacementPolicy
{
    public string Name => "scripted";

    public PlacementDecision Place(ResourceRequest resources, int count, ImmutableArray<PlacementServer> servers) => place(count, servers);
}

/// <summary>Orders as the test says.</summary>
internal sealed class ScriptedExecutor(Func<ImmutableArray<ExecutorCandidate>, ImmutableArray<ReplicaId>> order) : IExecutorPolicy
{
    public string Name => "scripted";

    public ImmutableArray<ReplicaId> Order(ReplicaId? last, ImmutableArray<ExecutorCandidate> candidates) => order(candidates);
}

/// <summary>Orders the queue as the test says.</summary>
internal sealed class ScriptedQueue(Func<QueueView, ImmutableArray<int>> order) : IQueuePolicy
{
    public string Name => "scripted";

    public ImmutableArray<int> Order(QueueView queue) => order(queue);
}

/// <summary>Moves as the test says.</summary>
internal sealed class ScriptedMigration(Func<MigrationView, MigrationDecision?> choose) : IMigrationPolicy
{
    public string Name => "scripted";

    public MigrationDecision? Choose(MigrationView view) => choose(view);
}

/// <summary>Reclaims as the test says.</summary>
internal sealed class ScriptedReclaim(TimeSpan? every, Func<ReclaimKernel, ReclaimDecision> decide) : IReclaimPolicy
{
    public string Name => "scripted";

    public TimeSpan? Every => every;

    public ReclaimDecision Decide(DateTimeOffset now, ReclaimKernel kernel) => decide(kernel);
}

/// <summary>Scales as the test says.</summary>
internal sealed class ScriptedScaling(Func<ScalingView, ScalingDecision> decide) : IScalingPolicy
{
    public string Name => "scripted";

    public ScalingDecision Decide(ScalingView view) => decide(view);
}

/// <summary>Chooses as the test says.</summary>
internal sealed class ScriptedStandby(Func<StandbyKernel, StandbyDecision> choose) : IStandbyPolicy
{
    public string Name => "scripted";

    public StandbyDecision Choose(StandbyKernel kernel) => choose(kernel);
}
