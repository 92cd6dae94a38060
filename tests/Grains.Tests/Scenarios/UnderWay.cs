#if !ORLEANS_HOST
using Notebook.Embedded;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Counts what the embedded host has under way, turns and storage, so that a test knows when only time can bring anything more.</summary>
internal sealed class UnderWay : ITurnScheduler
{
    private readonly ThreadPoolTurnScheduler _pool = new();
    private int _count;

    public bool IsNone => Volatile.Read(ref _count) == 0;

    public int TurnsPerSlice => _pool.TurnsPerSlice;

    public void Schedule(IThreadPoolWorkItem slice)
    {
        Interlocked.Increment(ref _count);
        _pool.Schedule(new Slice(this, slice));
    }

    /// <summary>Counts a task of the storage until those who await it have gone on, or are scheduled to.</summary>
    public Task<T> Of<T>(Task<T> task)
    {
        Interlocked.Increment(ref _count);
        var done = new TaskCompletionSource<T>();   // its continuations run where it is completed
        task.ContinueWith(
            ended =>
            {
                done.SetFromTask(ended);
                Interlocked.Decrement(ref _count);
            },
            TaskScheduler.Default);
        return done.Task;
    }

    private sealed class Slice(UnderWay owner, IThreadPoolWorkItem slice) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            slice.Execute();
            Interlocked.Decrement(ref owner._count);
        }
    }
}
#endif
