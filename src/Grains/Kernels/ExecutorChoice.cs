namespace Notebook.Grains.Kernels;

/// <summary>
/// Which replicas may be asked to run the next cell, in order. While nothing has run, any live replica will do; after
/// that only the executor has the variables, and the cell waits for room on its server.
/// </summary>
internal static class ExecutorChoice
{
    /// <summary>The replicas to ask, best first; empty when none is up.</summary>
    public static ImmutableArray<ReplicaId> Order(KernelLife life, IExecutorPolicy policy)
    {
        var candidates = life.Candidates;
        return life.HasState
            ? [.. candidates.Where(c => c.Replica == life.Executor).Select(c => c.Replica)]
            : policy.Order(life.Executor, candidates);
    }
}
