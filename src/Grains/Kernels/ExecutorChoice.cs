namespace Notebook.Grains.Kernels;

/// <summary>Which replicas may be asked to run the next cell, in order. Each of them has the kernel's state, or catches up before it runs anything.</summary>
internal static class ExecutorChoice
{
    /// <summary>The replicas to ask, best first; empty when none is up.</summary>
    public static ImmutableArray<ReplicaId> Order(KernelLife life, IExecutorPolicy policy) => policy.Order(life.Executor, life.Candidates);

    /// <summary>The same, when it is known how many GPUs are idle on each server.</summary>
    public static ImmutableArray<ReplicaId> Order(KernelLife life, IExecutorPolicy policy, IReadOnlyDictionary<ServerId, int> idle) =>
        policy.Order(life.Executor, [.. life.Candidates.Select(c => c with { IdleGpus = idle.TryGetValue(c.Server, out var gpus) ? gpus : null })]);
}
