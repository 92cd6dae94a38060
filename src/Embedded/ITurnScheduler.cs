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

/// <summary>
/// Runs turns on the thread pool. A slice that a turn makes ready, such as that of the grain it calls, runs next on the same
/// thread: to wake another one takes longer than most turns, and a processor from the kernels. A second one that the same
/// slice makes ready goes to the pool, and so does the next one after <see cref="MaxChain"/> in a row.
/// </summary>
public sealed class ThreadPoolTurnScheduler : ITurnScheduler
{
    internal const int MaxChain = 32;

    [ThreadStatic]
    private static Chain? t_running;

    /// <inheritdoc/>
    public int TurnsPerSlice => 64;

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem slice)
    {
        if (t_running is { Next: null, Length: < MaxChain } chain) chain.Next = slice;
        else ThreadPool.UnsafeQueueUserWorkItem(new Chain(slice), preferLocal: true);
    }

    private sealed class Chain(IThreadPoolWorkItem first) : IThreadPoolWorkItem
    {
        public IThreadPoolWorkItem? Next { get; set; } = first;

        public int Length { get; private set; }

        public void Execute()
        {
            t_running = this;
            try
            {
                while (Next is { } slice)
                {
                    Next = null;
                    Length++;
                    slice.Execute();
                }
            }
            finally
            {
                t_running = null;
            }
        }
    }
}
