namespace Notebook.Gpu.Checkpoints;

/// <summary>Where a process's GPU state is.</summary>
public enum CheckpointPhase
{
    /// <summary>On its GPUs, and the process may use them.</summary>
    Running,

    /// <summary>On its GPUs; the process's CUDA calls wait.</summary>
    Locked,

    /// <summary>In host memory; the GPUs are free, and the process's CUDA calls wait.</summary>
    Checkpointed,

    /// <summary>Lost: a checkpoint or restore failed in the middle. The process can only be ended.</summary>
    Failed,

    /// <summary>The process has ended.</summary>
    Gone,
}

/// <summary>What the driver can do to a process. Each is one call.</summary>
public enum CheckpointStep
{
    /// <summary>From running to locked.</summary>
    Lock,

    /// <summary>From locked to checkpointed.</summary>
    Checkpoint,

    /// <summary>From checkpointed to locked.</summary>
    Restore,

    /// <summary>From locked to running.</summary>
    Unlock,
}
