using System.Collections.Immutable;

namespace Notebook.Objects;

/// <summary>What became of making chunks durable.</summary>
public abstract record FlushOutcome
{
    /// <summary>All of them survive a power cut.</summary>
    public sealed record Durable : FlushOutcome;

    /// <summary>Some are not here, or were found damaged; the others are durable.</summary>
    /// <param name="Chunks">Which ones.</param>
    public sealed record Missing(ImmutableArray<ObjectHash> Chunks) : FlushOutcome;

    /// <summary>The disk failed: none of them can be relied on. Flushing again writes them again first.</summary>
    /// <param name="Reason">What the disk said.</param>
    public sealed record Failed(string Reason) : FlushOutcome;
}
