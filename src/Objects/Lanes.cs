namespace Notebook.Objects;

/// <summary>A few threads that all callers of a store share, so that a large value does not take the machine from its kernels.</summary>
internal sealed class Lanes(int count)
{
    private readonly TaskScheduler _scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, count).ConcurrentScheduler;

    internal Task<T> RunAsync<T>(Func<T> work, CancellationToken stop) =>
        Task.Factory.StartNew(work, stop, TaskCreationOptions.DenyChildAttach, _scheduler);

    /// <summary>Does many pieces of work in no order; others get their turn between two of them. The first failure ends it.</summary>
    internal Task ForAsync(int pieces, Action<int> work, CancellationToken stop)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = count, TaskScheduler = _scheduler, CancellationToken = stop };
        return Parallel.ForAsync(0, pieces, options, async (piece, _) =>
        {
            work(piece);
            await Task.Yield();
        });
    }
}
