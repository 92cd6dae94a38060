namespace Notebook.Grains.Cluster;

/// <summary>Which of a kernel's replicas may move.</summary>
internal static class MoveCandidates
{
    /// <summary>
    /// Those that nothing pins, with their servers as far as these are known. None while fewer than a majority are ready: adding
    /// and removing members needs one.
    /// </summary>
    public static (ImmutableArray<MovableReplica> Replicas, ImmutableArray<PlacementServer> Sources) Of(
        ImmutableArray<MovableReplica> replicas, ServerBoard board)
    {
        if (2 * replicas.Count(r => r.IsReady) <= replicas.Length) return ([], []);
        ImmutableArray<MovableReplica> movable = [.. replicas.Where(r => r.Pinned is null && board.Find(r.Server) is not null)];
        return (movable, [.. movable.Select(r => board.Find(r.Server)!.ForPolicies)]);
    }
}
