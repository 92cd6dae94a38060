using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>What a replica does with its kernel's state at present (design, section 6). No clock, no IO: same input, same answer.</summary>
internal static class StandbyRules
{
    /// <summary>What it should do: who is needed has a process that is fed, others are as they were told.</summary>
    /// <param name="told">What the silo told it to do as a standby.</param>
    /// <param name="isFresh">Whether each cell gets a process of its own.</param>
    /// <param name="isReclaimed">Whether the silo told it that the kernel is idle and gives its processes back.</param>
    /// <param name="isExecutor">
    /// The log names it as the last executor. Once it names another one, all that this one's cells changed is committed, and
    /// the other one has it.
    /// </param>
    /// <param name="isHeld">Whether the executor's process has what the log has not, so that it outlives a reclaim.</param>
    /// <param name="isBusy">A cell, or messages, wait here or run.</param>
    /// <param name="isLogLong">The log wants a snapshot in place of its entries, and a process that is fed alone can give one.</param>
    /// <param name="unused">For how long it has not been used; null when it never was.</param>
    /// <param name="patience">For how long it stays as it is, since it may soon be used again.</param>
    public static StandbyMode Wanted(
        StandbyMode told, bool isFresh, bool isReclaimed, bool isExecutor, bool isHeld, bool isBusy, bool isLogLong, TimeSpan? unused, TimeSpan patience)
    {
        if (isBusy || isLogLong) return StandbyMode.StandbyHot;
        if (isFresh) return isExecutor && isHeld ? StandbyMode.StandbyHot : StandbyMode.StandbyCold;
        if (unused < patience) return StandbyMode.StandbyHot;
        if (isExecutor && (isHeld || !isReclaimed)) return StandbyMode.StandbyHot;
        return isReclaimed ? StandbyMode.StandbyCold : told;
    }
}
