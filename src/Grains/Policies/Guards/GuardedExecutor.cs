namespace Notebook.Grains.Policies.Guards;

/// <summary>A plug-in's choice of executors, which names replicas that were offered, each once.</summary>
internal sealed class GuardedExecutor(IExecutorPolicy plugin, IExecutorPolicy builtIn, PolicyGuard guard) : IExecutorPolicy
{
    public string Name => guard.Name;

    public ImmutableArray<ReplicaId> Order(ReplicaId? last, ImmutableArray<ExecutorCandidate> candidates) => guard.Decide(
        () => plugin.Order(last, candidates),
        order => Nonsense.InChoice("replica", order, candidates.Select(c => c.Replica)),
        () => builtIn.Order(last, candidates));
}
