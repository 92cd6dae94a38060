using System.Collections.Concurrent;
using Notebook.Embedded;

namespace Notebook.Bench.Scheduling.Control;

/// <summary>
/// All grains' turns on the thread that asks: so that what that thread took of the processor is what the grains took, whatever
/// else goes on in the process or on the machine.
/// </summary>
internal sealed class OneThread : SynchronizationContext, ITurnScheduler, IDisposable
{
    private readonly BlockingCollection<IThreadPoolWorkItem> _slices = [];

    public int TurnsPerSlice => 64;

    /// <summary>Processor time that the thread took to wait for another one, such as the storage's.</summary>
    public TimeSpan Waited { get; private set; }

    public void Schedule(IThreadPoolWorkItem slice) => _slices.Add(slice);

    /// <summary>Of the one who asks: the rest of his work is done by this thread too.</summary>
    public override void Post(SendOrPostCallback d, object? state) => Schedule(new Posted(d, state));

    /// <summary>Runs turns until there is an answer.</summary>
    public T Run<T>(Func<Task<T>> work, CancellationToken stop)
    {
        var hasAnswer = false;
        var answer = Ask(work, () => hasAnswer = true);
        RunUntil(() => hasAnswer, stop);
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
        while (!happened()) Next(stop).Execute();
    }

    public void Dispose() => _slices.Dispose();

    private IThreadPoolWorkItem Next(CancellationToken stop)
    {
        if (_slices.TryTake(out var slice)) return slice;
        var since = ThreadProcessor.Taken;
        slice = _slices.Take(stop);
        Waited += ThreadProcessor.Taken - since;
        return slice;
    }

    private Task<T> Ask<T>(Func<Task<T>> work, Action answered)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            var answer = work();
            answer.GetAwaiter().OnCompleted(answered);
            return answer;
        }
        finally
        {
            SetSynchronizationContext(before);   // turns have none: grains go on by their own scheduler
        }
    }

    private sealed class Posted(SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => callback(state);
    }
}
