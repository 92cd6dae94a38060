namespace Notebook.Grains.Policies;

/// <summary>
/// The last executor first, because its memory is warm; then those that hold the state; then the one whose server has the fewest
/// idle GPUs, where that is known, so that larger cells find theirs elsewhere; then by number.
/// </summary>
public sealed class StickyExecutor : IExecutorPolicy
{
    /// <inheritdoc/>
    public string Name => "sticky";

    /// <inheritdoc/>
    public ImmutableArray<ReplicaId> Order(ReplicaId? last, ImmutableArray<ExecutorCandidate> candidates) =>
    [
        .. candidates
            .OrderByDescending(c => c.Replica == last)
            .ThenByDescending(c => c.HoldsState)
            .ThenBy(c => c.IdleGpus ?? 0)
            .ThenBy(c => c.Replica.Number)
            .Select(c => c.Replica),
    ];
}
