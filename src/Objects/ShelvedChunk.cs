namespace Notebook.Objects;

/// <summary>How far a chunk's file can be relied on.</summary>
internal enum ChunkCondition
{
    /// <summary>Found at the start: after a power cut its bytes may be anything.</summary>
    Found,

    /// <summary>Written or read back by this process: whoever reads it now gets it, after a power cut perhaps not.</summary>
    Good,

    /// <summary>Good, and survives a power cut.</summary>
    Durable,

    /// <summary>The disk failed to make it durable. Linux then forgets that it is dirty, so it must be written anew.</summary>
    Suspect,
}

/// <summary>One chunk on disk. Guarded by the shelf's lock, but for its length.</summary>
internal sealed class ShelvedChunk(int length, ChunkCondition condition, long touched)
{
    public int Length => length;

    public ChunkCondition Condition { get; set; } = condition;

    /// <summary>The epoch in which it was last put, found again or unpinned.</summary>
    public long Touched { get; set; } = touched;

    public bool IsTrusted => Condition is ChunkCondition.Good or ChunkCondition.Durable;
}
