using System.Collections.Immutable;

namespace Notebook.Objects;

/// <summary>What became of a collection.</summary>
public abstract record CollectOutcome
{
    /// <summary>What nobody refers to is gone.</summary>
    /// <param name="Chunks">Chunks deleted.</param>
    /// <param name="Bytes">Their bytes.</param>
    public sealed record Collected(int Chunks, long Bytes) : CollectOutcome;

    /// <summary>
    /// Nothing was deleted, because manifests of live values are not here: their chunks cannot be told from garbage. Fetch
    /// them from a peer, or leave values out that are given up as lost.
    /// </summary>
    /// <param name="Manifests">Which ones.</param>
    public sealed record Blocked(ImmutableArray<ChunkRef> Manifests) : CollectOutcome;

    /// <summary>Nothing was deleted, because the owner cannot say all that is live.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Incomplete(string Reason) : CollectOutcome;
}
