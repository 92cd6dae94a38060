namespace Notebook.Contracts.Policies;

/// <summary>A replica of a kernel as the choice to reclaim it sees it.</summary>
/// <param name="Server">Its server.</param>
/// <param name="Standby">What it does with the kernel's state at present; the executor is hot.</param>
/// <param name="MemoryUsedMb">Memory of that server that is in use, in MB.</param>
/// <param name="MemoryTotalMb">Memory of that server in MB; 0 while unknown.</param>
public sealed record ReclaimReplica(ServerId Server, StandbyMode Standby, long MemoryUsedMb, long MemoryTotalMb);

/// <summary>An idle kernel as the choice to reclaim it sees it. Only kernels that lose nothing by it are shown.</summary>
/// <param name="Kernel">Its id.</param>
/// <param name="User">Whose it is.</param>
/// <param name="IdleSince">Since when none of its cells runs or waits; never before the control plane was started.</param>
/// <param name="LastActivity">When a client last used it, by a cell or any other message.</param>
/// <param name="Replicas">Its replicas that are ready.</param>
public sealed record ReclaimKernel(
    KernelId Kernel, string User, DateTimeOffset IdleSince, DateTimeOffset LastActivity, ImmutableArray<ReclaimReplica> Replicas)
{
    /// <summary>For how long nobody has used it.</summary>
    public TimeSpan UnusedAt(DateTimeOffset now) => now - (IdleSince > LastActivity ? IdleSince : LastActivity);
}

/// <summary>Whether a kernel's processes end, and why.</summary>
/// <param name="Reclaim">Whether they do.</param>
/// <param name="Reason">For operators and users.</param>
public sealed record ReclaimDecision(bool Reclaim, string Reason);

/// <summary>
/// Chooses when an idle kernel gives its processes back. It keeps its log and its large values, and comes back with all its
/// state when it is used. Pure: same input, same answer.
/// </summary>
public interface IReclaimPolicy : IPolicy
{
    /// <summary>How often it wants to be asked about each kernel, from a second to a day; null for never. Never another answer.</summary>
    TimeSpan? Every { get; }

    /// <summary>Chooses for one kernel.</summary>
    ReclaimDecision Decide(DateTimeOffset now, ReclaimKernel kernel);
}
