using System.Collections.Immutable;

namespace Notebook.Objects;

/// <summary>What became of reading a value.</summary>
public abstract record ReadOutcome
{
    /// <summary>Every byte was read and is what was put.</summary>
    public sealed record Done : ReadOutcome;

    /// <summary>Chunks are not here, or were found damaged: they must come from a peer. What was written out is of no use.</summary>
    /// <param name="Chunks">Which ones.</param>
    public sealed record Missing(ImmutableArray<ChunkRef> Chunks) : ReadOutcome;
}
