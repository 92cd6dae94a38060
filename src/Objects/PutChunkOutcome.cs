namespace Notebook.Objects;

/// <summary>What became of a chunk that was put.</summary>
public abstract record PutChunkOutcome
{
    /// <summary>It is stored.</summary>
    /// <param name="IsNew">False when it was there already.</param>
    public sealed record Stored(bool IsNew) : PutChunkOutcome;

    /// <summary>There is no room for it.</summary>
    /// <param name="Shortage">What was asked and what is free.</param>
    public sealed record Full(DiskShortage Shortage) : PutChunkOutcome;
}
