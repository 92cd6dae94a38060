using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// A timer of a grain. The clock only queues a tick; the tick runs as a turn, and only its end sets the clock again,
/// so that ticks never overlap and never pile up.
/// </summary>
internal sealed class GrainTimer : Request, IGrainTimer
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _clock;
    private TimeSpan _due;
    private TimeSpan _period;
    private bool _ticking;
    private bool _changed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        (_activation, _callback, _options) = (activation, callback, options);
        using (ExecutionContext.SuppressFlow())
        {
            _clock = activation.Host.Time.CreateTimer(
                static timer => ((GrainTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public override bool AlwaysInterleaves => _options.Interleave;

    public override bool ReadsOnly => false;

    public override bool KeepsAlive => _options.KeepAlive;

    public override bool IsObsolete => _disposed.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, nameof(dueTime));
        Validate(period, nameof(period));
        lock (_lock)
        {
            (_due, _period, _changed) = (dueTime, period, true);
            if (!_ticking && !IsObsolete) _clock.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public override async Task RunAsync(Activation activation)
    {
        if (IsObsolete) return;
        lock (_lock)
        {
            _changed = false;
        }

        try
        {
            await _callback(_disposed.Token);
        }
        catch (Exception error)
        {
            // As in Orleans: a failed tick is logged, and the timer goes on.
            if (!IsObsolete) activation.Host.Log.LogWarning(error, "a timer of {Grain} failed", activation.GrainId);
        }
        finally
        {
            lock (_lock)
            {
                _ticking = false;
                if (!IsObsolete) _clock.Change(_changed ? _due : _period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // The activation's queue was full or it has ended: there will be another tick, or none is needed.
    public override void Reject(Exception error)
    {
        lock (_lock)
        {
            _ticking = false;
            if (!IsObsolete) _clock.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        if (IsObsolete) return;
        _disposed.Cancel();
        _clock.Dispose();
        _activation.Forget(this);
    }

    private static void Validate(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan && time < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(name, time, "a timer's time is not negative, or Timeout.InfiniteTimeSpan");
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_ticking || IsObsolete) return;
            _ticking = true;
        }

        if (!_activation.TryReceive(this)) Dispose();
    }
}
