using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>The calls to one observer, one at a time and in order.</summary>
internal sealed class ObserverQueue(IGrainObserver observer, int capacity, ITurnScheduler scheduler, ILogger log) : IThreadPoolWorkItem
{
    private readonly WeakReference<IGrainObserver> _observer = new(observer);
    private readonly Queue<GrainCall> _calls = new();
    private bool _running;

    /// <returns>False when the observer is gone.</returns>
    public bool TryAdd(GrainCall call)
    {
        if (!_observer.TryGetTarget(out _)) return false;
        lock (_calls)
        {
            if (_calls.Count >= capacity)
            {
                log.LogWarning("{Call} dropped: the observer does not keep up, {Capacity} calls wait", call, capacity);
                call.Fail(new LimitExceededException($"{call}: the observer does not keep up, {capacity} calls wait"));
                return true;
            }

            _calls.Enqueue(call);
            if (_running) return true;
            _running = true;
        }

        scheduler.Schedule(this);
        return true;
    }

    public void Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        while (TryTake(out var call)) await RunAsync(call);
    }

    private async Task RunAsync(GrainCall call)
    {
        if (!_observer.TryGetTarget(out var target))
        {
            call.Fail(new ClientNotAvailableException($"{call}: the observer is no longer in use"));
            return;
        }

        try
        {
            RequestContext.Snapshot = call.Context;
            call.Cancellation?.DeliverTo(call);
            call.Succeed(await call.Method.InvokeAsync(target, call.Arguments));
        }
        catch (Exception error)
        {
            if (call.Method.OneWay) log.LogWarning(error, "one-way call {Call} failed", call);
            call.Fail(error);
        }
    }

    private bool TryTake(out GrainCall call)
    {
        lock (_calls)
        {
            _running = _calls.TryDequeue(out call!);
            return _running;
        }
    }
}
