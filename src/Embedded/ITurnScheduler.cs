namespace Notebook.Embedded;

/// <summary>
/// Decides when grains' turns run. All work of the host goes through here, so that another scheduler (a seeded one on
/// one thread, in virtual time) decides the order of everything that grains do.
/// </summary>
public interface ITurnScheduler
{
    /// <summary>How many turns one slice of an activation may run before others get theirs.</summary>
    int TurnsPerSlice { get; }

    /// <summary>Runs <paramref name="slice"/> later, never inside this call.</summary>
    void Schedule(IThreadPoolWorkItem slice);
}

/// <summary>Runs turns on the thread pool.</summary>
public sealed class ThreadPoolTurnScheduler : ITurnScheduler
{
    /// <inheritdoc/>
    public int TurnsPerSlice => 64;

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem slice) => ThreadPool.UnsafeQueueUserWorkItem(slice, preferLocal: true);
}
