namespace Notebook.Raft.Storage;

/// <summary>The bounds of a log writer.</summary>
public sealed record WriterOptions
{
    /// <summary>Writes that may wait, from 1. When as many do, the next is refused: the disk does not keep pace.</summary>
    public int QueueLength { get; init; } = 4096;

    /// <summary>Writes that share one sync, from 1.</summary>
    public int BatchLength { get; init; } = 1024;

    /// <summary>How often a full disk is tried again.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);
}
