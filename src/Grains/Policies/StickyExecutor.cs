namespace Notebook.Grains.Policies;

/// <summary>The last executor first, because its memory is warm; then those that hold the state; then by id.</summary>
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
            .ThenBy(c => c.Replica.Value, StringComparer.Ordinal)
            .Select(c => c.Replica),
    ];
}
