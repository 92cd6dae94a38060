using System.Collections.Concurrent;
using Notebook.Embedded;

namespace Notebook.Bench.Scheduling.Control;

/// <summary>
/// All grains' turns on the thread that asks: so that what that thread took of the processor is what the grains took, whatever
/// else goes on in the process or on the machine.
/// </summary>
internal sealed class OneThread : ITurnScheduler, IDisposable
{
    private readonly BlockingCollection<IThreadPoolWorkItem> _slices = [];

    public int TurnsPerSlice => 64;

    public void Schedule(IThreadPoolWorkItem slice) => _slices.Add(slice);

    /// <summary>Runs turns until there is an answer.</summary>
    public T Run<T>(Func<Task<T>> work, CancellationToken stop)
    {
        var answer = work();
        if (!answer.IsCompleted)
            _ = answer.ContinueWith(_ => Schedule(Nothing.Instance), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (!answer.IsCompleted) _slices.Take(stop).Execute();
        return answer.GetAwaiter().GetResult();
    }

    /// <summary>Runs turns until none is left: everybody was told everything.</summary>
    public void Settle()
    {
        while (_slices.TryTake(out var slice)) slice.Execute();
    }

    /// <summary>Runs turns until something has happened.</summary>
    public void RunUntil(Func<bool> happened, CancellationToken stop)
    {
        while (!happened()) _slices.Take(stop).Execute();
    }

    public void Dispose() => _slices.Dispose();

    /// <summary>Wakes the thread.</summary>
    private sealed class Nothing : IThreadPoolWorkItem
    {
        public static readonly Nothing Instance = new();

        public void Execute()
        {
        }
    }
}
