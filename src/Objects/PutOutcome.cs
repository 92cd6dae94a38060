using System.Collections.Immutable;

namespace Notebook.Objects;

/// <summary>What became of a value that was put.</summary>
public abstract record PutOutcome
{
    /// <summary>All of it is stored.</summary>
    /// <param name="Manifest">What it is made of.</param>
    /// <param name="New">The chunks that were not there before, the manifest's own first if it is one of them.</param>
    public sealed record Stored(Manifest Manifest, ImmutableArray<ChunkRef> New) : PutOutcome;

    /// <summary>Nothing of it was stored; the same put works when there is room.</summary>
    /// <param name="Shortage">What was asked and what is free.</param>
    public sealed record Full(DiskShortage Shortage) : PutOutcome;

    /// <summary>The value has more chunks than a manifest can name.</summary>
    /// <param name="Bytes">Its length.</param>
    /// <param name="Chunks">Its chunks; at most <see cref="Manifest.MaxChunks"/> are possible.</param>
    public sealed record TooLarge(long Bytes, int Chunks) : PutOutcome;
}
