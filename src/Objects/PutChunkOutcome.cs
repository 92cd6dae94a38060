namespace Notebook.Objects;

/// <summary>What became of chunks that were put.</summary>
public abstract record PutChunkOutcome
{
    /// <summary>All are stored.</summary>
    /// <param name="IsNew">False when they were there already.</param>
    public sealed record Stored(bool IsNew) : PutChunkOutcome;

    /// <summary>There is no room for them: none is.</summary>
    /// <param name="Shortage">What was asked and what is free.</param>
    public sealed record Full(DiskShortage Shortage) : PutChunkOutcome;
}
