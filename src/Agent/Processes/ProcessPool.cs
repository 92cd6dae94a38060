namespace Notebook.Agent.Processes;

/// <summary>
/// Keeps processes of one kernelspec warm. Who takes one waits only when there is none; the pool fills up again one
/// process at a time, and a little later, so that it does not compete with the first cell of whoever took one. Its size may
/// change at any time; it measures what it does (<see cref="PoolMeasure"/>).
/// </summary>
internal sealed partial class ProcessPool : IDisposable
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_refillPause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_retireGrace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<KernelProcess> _warm = [];
    private readonly Queue<TaskCompletionSource<KernelProcess>> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly PoolMeasure _measure = new();
    private readonly string _name;
    private readonly IProcessFactory _factory;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _size;
    private bool _isMaking;
    private long _processMemoryMb;

    public ProcessPool(string name, int size, IProcessFactory factory, TimeProvider time, ILogger<ProcessPool> log)
    {
        (_name, _size, _factory, _time, _log) = (name, size, factory, time, log);
        lock (_lock) Refill_NeedsLock();
    }

    /// <summary>How many it keeps warm.</summary>
    public int Size
    {
        get
        {
            lock (_lock) return _size;
        }
    }

    /// <summary>What it has measured.</summary>
    public PoolFigures Figures
    {
        get
        {
            lock (_lock)
                return new(_warm.Count, _measure.Hits, _measure.Misses, _measure.StartTime, _measure.HoldingTime, _processMemoryMb);
        }
    }

    /// <summary>Keeps this many warm from now on; those that are too many end, the oldest first.</summary>
    public void Resize(int size)
    {
        List<KernelProcess> surplus = [];
        lock (_lock)
        {
            if (size == _size) return;
            LogResized(_name, _size, size);
            _size = size;
            while (_warm.Count > size) surplus.Add(_warm.Dequeue());
            Refill_NeedsLock();
        }

        foreach (var process in surplus) _ = process.RetireAsync(s_retireGrace);
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
                _measure.Taken(isHit: true, _time.GetUtcNow());
                Refill_NeedsLock();
                return warm;
            }

            _measure.Taken(isHit: false, _time.GetUtcNow());
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
                    var since = _time.GetTimestamp();
                    var process = await _factory.MakeAsync(_stop.Token);
                    Deliver(process, _time.GetElapsedTime(since), ProcessMemory.PrivateMb(process.ProcessId));
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
        catch (Exception e)
        {
            GiveUp($"no process of kernelspec '{_name}' can be started: {e.Message}");   // nobody waits for a maker that is gone
            throw;
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
                _measure.Rests();
                return true;
            }

            urgent = _waiting.Count > 0;
        }

        if (!urgent) await Task.Delay(s_refillPause, _time, _stop.Token);
        return false;
    }

    private void Deliver(KernelProcess process, TimeSpan took, long memoryMb)
    {
        bool isSurplus;
        lock (_lock)
        {
            _measure.Made(took, _time.GetUtcNow());
            if (memoryMb > 0) _processMemoryMb = memoryMb;
            while (_waiting.TryDequeue(out var waiting))
                if (waiting.TrySetResult(process)) return;
            isSurplus = _warm.Count >= _size;   // the pool has become smaller meanwhile
            if (!isSurplus) _warm.Enqueue(process);
        }

        if (isSurplus) _ = process.RetireAsync(s_retireGrace);
        else _ = process.Ended.ContinueWith(_ => ForgetDead(), TaskScheduler.Default);
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
            _measure.Rests();
            while (_waiting.TryDequeue(out var waiting)) waiting.TrySetException(new ProcessStartException(reason));
        }
    }

    [LoggerMessage(EventId = 3022, Level = LogLevel.Information, Message = "Kernelspec {Name}: {Size} processes are kept warm now, {Before} before")]
    private partial void LogResized(string name, int before, int size);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Warning, Message = "Kernelspec {Name}: start {Failures} failed: {Reason}")]
    private partial void LogFailed(string name, int failures, string reason);
}
