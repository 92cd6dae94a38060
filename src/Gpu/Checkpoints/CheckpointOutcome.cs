namespace Notebook.Gpu.Checkpoints;

/// <summary>How moving a process's GPU state went.</summary>
public abstract record CheckpointOutcome
{
    private CheckpointOutcome()
    {
    }

    /// <summary>It is where it should be.</summary>
    public sealed record Done : CheckpointOutcome;

    /// <summary>The process did not come to a stop in time; it runs on as before.</summary>
    public sealed record StillBusy : CheckpointOutcome;

    /// <summary>It was refused, and the process is unharmed: running where it should have given up its GPUs, checkpointed where it should have them.</summary>
    /// <param name="Why">Why.</param>
    /// <param name="Phase">Where its GPU state is; null when that cannot be asked, and so nothing was done.</param>
    public sealed record Refused(GpuFault Why, CheckpointPhase? Phase) : CheckpointOutcome;

    /// <summary>Its GPU state is lost or stuck: only its end frees the GPUs, and the next cell starts from the kernel's log.</summary>
    /// <param name="Why">Why.</param>
    public sealed record Broken(GpuFault Why) : CheckpointOutcome;

    /// <summary>The process has ended, and its GPUs are free by that.</summary>
    public sealed record Gone : CheckpointOutcome;
}

/// <summary>Where the state of one GPU goes when a process is restored.</summary>
/// <param name="From">UUID of the GPU that it was on.</param>
/// <param name="To">UUID of a GPU of the same chip.</param>
public readonly record struct GpuMove(string From, string To);
