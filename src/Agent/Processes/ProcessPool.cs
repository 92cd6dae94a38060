namespace Notebook.Agent.Processes;

/// <summary>
/// Keeps processes of one kernelspec warm. Who takes one waits only when there is none; the pool fills up again one
/// process at a time, and a little later, so that it does not compete with the first cell of whoever took one.
/// </summary>
internal sealed partial class ProcessPool : IDisposable
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_refillPause = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private readonly Queue<KernelProcess> _warm = [];
    private readonly Queue<TaskCompletionSource<KernelProcess>> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly string _name;
    private readonly int _size;
    private readonly IProcessFactory _factory;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private bool _isMaking;

    public ProcessPool(string name, int size, IProcessFactory factory, TimeProvider time, ILogger<ProcessPool> log)
    {
        (_name, _size, _factory, _time, _log) = (name, size, factory, time, log);
        lock (_lock) Refill_NeedsLock();
    }

    /// <summary>Processes that are ready.</summary>
    public int Warm
    {
        get
        {
            lock (_lock) return _warm.Count;
        }
    }

    /// <summary>Takes a process, the oldest first; waits for one when there is none.</summary>
    /// <exception cref="ProcessStartException">None can be made.</exception>
    public async Task<KernelProcess> TakeAsync(CancellationToken cancel)
    {
        TaskCompletionSource<KernelProcess> promise;
        lock (_lock)
        {
            while (_warm.TryDequeue(out var warm))
            {
                if (warm.Phase != ProcessPhase.Warm) continue;   // it died while it waited
                Refill_NeedsLock();
                return warm;
            }

            promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(promise);
            Refill_NeedsLock();
        }

        using var giveUp = cancel.Register(() => promise.TrySetCanceled(cancel));
        return await promise.Task;
    }

    /// <summary>Ends the pool: who waits is told, what is warm is left to its fork server.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_lock)
        {
            foreach (var waiting in _waiting) waiting.TrySetCanceled();
            _waiting.Clear();
        }
    }

    private void Refill_NeedsLock()
    {
        if (_isMaking || _stop.IsCancellationRequested || !IsShort_NeedsLock()) return;
        _isMaking = true;
        _ = Task.Run(MakeAsync);
    }

    private bool IsShort_NeedsLock() => _waiting.Count > 0 || _warm.Count < _size;

    private async Task MakeAsync()
    {
        var failures = 0;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    if (await PauseAsync()) return;
                    Deliver(await _factory.MakeAsync(_stop.Token));
                    failures = 0;
                }
                catch (ProcessStartException e)
                {
                    LogFailed(_name, ++failures, e.Message);
                    if (failures == MaxFailures)
                    {
                        GiveUp($"no process of kernelspec '{_name}' can be started, tried {failures} times: {e.Message}");
                        return;
                    }

                    await Task.Delay(s_firstDelay * (1 << failures), _time, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>True when the pool is full, and the maker is to end.</summary>
    private async Task<bool> PauseAsync()
    {
        bool urgent;
        lock (_lock)
        {
            if (!IsShort_NeedsLock())
            {
                _isMaking = false;
                return true;
            }

            urgent = _waiting.Count > 0;
        }

        if (!urgent) await Task.Delay(s_refillPause, _time, _stop.Token);
        return false;
    }

    private void Deliver(KernelProcess process)
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out var waiting))
                if (waiting.TrySetResult(process)) return;
            _warm.Enqueue(process);
        }

        _ = process.Ended.ContinueWith(_ => ForgetDead(), TaskScheduler.Default);
    }

    private void ForgetDead()
    {
        lock (_lock)
        {
            for (var n = _warm.Count; n > 0; n--)
                if (_warm.Dequeue() is { Phase: not ProcessPhase.Dead } alive) _warm.Enqueue(alive);
            Refill_NeedsLock();
        }
    }

    private void GiveUp(string reason)
    {
        lock (_lock)
        {
            _isMaking = false;   // the next one who asks makes it try again
            while (_waiting.TryDequeue(out var waiting)) waiting.TrySetException(new ProcessStartException(reason));
        }
    }

    [LoggerMessage(EventId = 3021, Level = LogLevel.Warning, Message = "Kernelspec {Name}: start {Failures} failed: {Reason}")]
    private partial void LogFailed(string name, int failures, string reason);
}
