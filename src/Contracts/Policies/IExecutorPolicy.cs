namespace Notebook.Contracts.Policies;

/// <summary>A live replica as the choice of an executor sees it.</summary>
/// <param name="Replica">Its id.</param>
/// <param name="Server">Its server.</param>
/// <param name="HoldsState">Whether it holds the kernel's present state.</param>
/// <param name="IdleGpus">GPUs that no cell holds on its server; null where nobody asked yet, since the first choice is tried without asking.</param>
public sealed record ExecutorCandidate(ReplicaId Replica, ServerId Server, bool HoldsState, int? IdleGpus = null);

/// <summary>Puts a kernel's replicas in the order in which they are asked to run the next cell. Pure.</summary>
public interface IExecutorPolicy : IPolicy
{
    /// <summary>The order; leaving a candidate out means that it must not run the cell.</summary>
    /// <param name="last">The executor of the last cell, or null.</param>
    /// <param name="candidates">The live replicas.</param>
    ImmutableArray<ReplicaId> Order(ReplicaId? last, ImmutableArray<ExecutorCandidate> candidates);
}
