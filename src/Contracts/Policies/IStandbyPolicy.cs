namespace Notebook.Contracts.Policies;

/// <summary>A kernel as the choice of its standbys' mode sees it.</summary>
/// <param name="Kernel">Its id.</param>
/// <param name="Asked">The mode that its user asked for, or null.</param>
/// <param name="Replicas">How many replicas it wants.</param>
public sealed record StandbyKernel(KernelId Kernel, StandbyMode? Asked, int Replicas);

/// <summary>What a kernel's standbys are to do, and why.</summary>
/// <param name="Mode">The mode.</param>
/// <param name="Reason">For operators.</param>
public sealed record StandbyDecision(StandbyMode Mode, string Reason);

/// <summary>Chooses what a kernel's standbys do with its state: memory is what they cost. Pure: same input, same answer.</summary>
public interface IStandbyPolicy : IPolicy
{
    /// <summary>Chooses for one kernel; asked whenever its replicas are told what they are to be.</summary>
    StandbyDecision Choose(StandbyKernel kernel);
}
