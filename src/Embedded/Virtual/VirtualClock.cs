namespace Notebook.Embedded.Virtual;

/// <summary>
/// Time that passes only when it is told to, and then jumps from one timer to the next. Timers that are due at the same moment
/// fire in the order in which they were set. Not for more than one thread.
/// </summary>
/// <param name="start">What time it is to begin with.</param>
public sealed class VirtualClock(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<Alarm, (long Due, long Order)> _alarms = new();
    private long _now = start.UtcTicks;
    private long _order;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>When the next timer fires; null when none is set.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            Skip();
            return _alarms.TryPeek(out _, out var at) ? new DateTimeOffset(at.Due, TimeSpan.Zero) : null;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(_now, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Jumps to the next timer and fires it.</summary>
    /// <returns>False when none is set: nothing happened.</returns>
    public bool FireNext()
    {
        Skip();
        if (!_alarms.TryDequeue(out var alarm, out var at)) return false;
        _now = at.Due;
        alarm.Timer.Fire();
        return true;
    }

    /// <summary>Lets time pass to <paramref name="moment"/>, when no timer is due before.</summary>
    public void PassTo(DateTimeOffset moment)
    {
        if (Next is { } next && next < moment) throw new InvalidOperationException($"a timer is due at {next:O}, before {moment:O}: fire it first");
        _now = Math.Max(_now, moment.UtcTicks);
    }

    private void Set(VirtualTimer timer, TimeSpan after) =>
        _alarms.Enqueue(new(timer, timer.Version), (_now + after.Ticks, ++_order));

    /// <summary>Drops alarms of timers that were set anew or disposed of.</summary>
    private void Skip()
    {
        while (_alarms.TryPeek(out var alarm, out _) && alarm.Version != alarm.Timer.Version) _alarms.Dequeue();
    }

    private readonly record struct Alarm(VirtualTimer Timer, long Version);

    private sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _isSet;
        private bool _isGone;

        /// <summary>Grows whenever an alarm that was set no longer counts.</summary>
        public long Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isGone) return false;
            if (_isSet) Version++;
            _period = period;
            _isSet = dueTime != Timeout.InfiniteTimeSpan;
            if (_isSet) clock.Set(this, dueTime);
            return true;
        }

        public void Fire()
        {
            Version++;
            _isSet = _period != Timeout.InfiniteTimeSpan && _period > TimeSpan.Zero;
            if (_isSet) clock.Set(this, _period);
            callback(state);
        }

        public void Dispose()
        {
            (_isGone, _isSet) = (true, false);
            Version++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
