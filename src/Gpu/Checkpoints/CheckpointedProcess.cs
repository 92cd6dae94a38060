namespace Notebook.Gpu.Checkpoints;

/// <summary>
/// Which step leads a process from where its GPU state is to where it should be, and what a step makes of it:
/// running, locked, checkpointed and back, one step at a time. No clock, no driver.
/// </summary>
/// <param name="phase">Where it is, as the driver says.</param>
internal sealed class CheckpointedProcess(CheckpointPhase phase)
{
    /// <summary>Where it is now.</summary>
    public CheckpointPhase Phase { get; private set; } = phase;

    /// <summary>The next step on the way to <paramref name="goal"/>; null when it is there, or can get nowhere any more.</summary>
    /// <param name="goal">Running or checkpointed.</param>
    public CheckpointStep? Next(CheckpointPhase goal) => (Phase, goal) switch
    {
        (CheckpointPhase.Failed or CheckpointPhase.Gone, _) => null,
        (CheckpointPhase.Running, CheckpointPhase.Checkpointed) => CheckpointStep.Lock,
        (CheckpointPhase.Locked, CheckpointPhase.Checkpointed) => CheckpointStep.Checkpoint,
        (CheckpointPhase.Checkpointed, CheckpointPhase.Running) => CheckpointStep.Restore,
        (CheckpointPhase.Locked, CheckpointPhase.Running) => CheckpointStep.Unlock,
        (CheckpointPhase.Running, CheckpointPhase.Running) or (CheckpointPhase.Checkpointed, CheckpointPhase.Checkpointed) => null,
        _ => throw new ArgumentOutOfRangeException(nameof(goal), goal, "a process is led to running or to checkpointed"),
    };

    /// <summary>The driver has done a step.</summary>
    public void Done(CheckpointStep step)
    {
        var (from, to) = step switch
        {
            CheckpointStep.Lock => (CheckpointPhase.Running, CheckpointPhase.Locked),
            CheckpointStep.Checkpoint => (CheckpointPhase.Locked, CheckpointPhase.Checkpointed),
            CheckpointStep.Restore => (CheckpointPhase.Checkpointed, CheckpointPhase.Locked),
            CheckpointStep.Unlock => (CheckpointPhase.Locked, CheckpointPhase.Running),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
        };
        if (Phase != from) throw new InvalidOperationException($"a process's GPU state was {Phase}, and {step} was done");
        Become(to);
    }

    /// <summary>The driver has refused a step, and this is where the process was found afterwards: anywhere, for others may move it too.</summary>
    public void Found(CheckpointPhase found)
    {
        if (found != Phase) Become(found);
    }

    private void Become(CheckpointPhase next)
    {
        var isLegal = Phase switch
        {
            CheckpointPhase.Gone => false,                                  // final
            CheckpointPhase.Failed => next == CheckpointPhase.Gone,         // nothing but its end leads out of it
            CheckpointPhase.Running or CheckpointPhase.Locked or CheckpointPhase.Checkpointed => true,
            _ => false,
        };
        if (!isLegal) throw new InvalidOperationException($"a process's GPU state: {Phase} -> {next}");
        Phase = next;
    }
}
