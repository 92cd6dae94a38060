namespace Notebook.Raft.Storage;

/// <summary>What became of a write.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <summary>It is in the log; durable after the next sync.</summary>
    public sealed record Written : WriteOutcome
    {
        /// <summary>The only one.</summary>
        public static Written Instance { get; } = new();
    }

    /// <summary>The disk has no room. Nothing of it is on disk, and nothing of it may be acknowledged.</summary>
    /// <param name="AskedBytes">Bytes that were to be written.</param>
    /// <param name="FreeBytes">Bytes that were free.</param>
    public sealed record DiskFull(long AskedBytes, long FreeBytes) : WriteOutcome;
}
