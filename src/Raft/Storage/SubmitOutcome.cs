namespace Notebook.Raft.Storage;

/// <summary>Whether a writer took a write. When it did not, nothing has changed.</summary>
public abstract record SubmitOutcome
{
    private SubmitOutcome()
    {
    }

    /// <summary>It shows in the group's log, and its completion will be called once it is durable.</summary>
    public sealed record Accepted : SubmitOutcome
    {
        /// <summary>The only one.</summary>
        public static Accepted Instance { get; } = new();
    }

    /// <summary>As many writes wait as may: the disk is slower than the groups. Try again when some have completed.</summary>
    /// <param name="Waiting">Writes that wait.</param>
    public sealed record QueueFull(int Waiting) : SubmitOutcome;

    /// <summary>
    /// The disk has no room. What was accepted before waits for room, in order; new writes are refused until that is
    /// written. Reading goes on. The writer tries again by itself.
    /// </summary>
    /// <param name="AskedBytes">Bytes that were to be written.</param>
    /// <param name="FreeBytes">Bytes that were free.</param>
    public sealed record DiskFull(long AskedBytes, long FreeBytes) : SubmitOutcome;
}
