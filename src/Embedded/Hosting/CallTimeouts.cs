using System.Collections.Concurrent;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// Fails calls that got no answer in time. Calls with the same time to answer run out in the order in which they were
/// made, so a list per time is sorted by itself, and one timer per list watches its head.
/// </summary>
internal sealed class CallTimeouts(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<TimeSpan, PendingCalls> _lists = new();

    public void Watch(GrainCall call, TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan) return;
        _lists.GetOrAdd(timeout, static (t, clock) => new PendingCalls(t, clock), time).Add(call);
    }

    public void Dispose()
    {
        foreach (var list in _lists.Values) list.Dispose();
    }
}

/// <summary>A call and when its time is up, in timestamps of the list's clock.</summary>
internal readonly record struct PendingCall(GrainCall Call, long DueAt, PendingCalls List);

/// <summary>Calls with one time to answer.</summary>
internal sealed class PendingCalls : IDisposable
{
    private readonly LinkedList<PendingCall> _calls = new();
    private readonly TimeSpan _timeout;
    private readonly long _timeoutTicks;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _armed;

    public PendingCalls(TimeSpan timeout, TimeProvider time)
    {
        (_timeout, _time) = (timeout, time);
        _timeoutTicks = (long)(timeout.TotalSeconds * time.TimestampFrequency);
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static list => ((PendingCalls)list!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Add(GrainCall call)
    {
        var due = _time.GetTimestamp() + _timeoutTicks;
        lock (_calls)
        {
            call.Deadline = _calls.AddLast(new PendingCall(call, due, this));
            if (_armed) return;
            _armed = true;
        }

        _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
    }

    public void Remove(LinkedListNode<PendingCall> node)
    {
        lock (_calls)
        {
            if (node.List is not null) _calls.Remove(node);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Expire()
    {
        var now = _time.GetTimestamp();
        List<GrainCall> expired = [];
        TimeSpan next;
        lock (_calls)
        {
            while (_calls.First is { } first && first.Value.DueAt <= now)
            {
                expired.Add(first.Value.Call);
                _calls.RemoveFirst();
            }

            _armed = _calls.First is not null;
            next = _armed ? _time.GetElapsedTime(now, _calls.First!.Value.DueAt) : Timeout.InfiniteTimeSpan;
        }

        // Rounded up: a timer that fires a little early would only be set again.
        if (next != Timeout.InfiniteTimeSpan) _timer.Change(next + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        foreach (var call in expired)
        {
            call.Fail(new TimeoutException(
                $"no answer within {_timeout} to {call}: the grain is busy, waits for something, or is in a deadlock with its caller"));
        }
    }
}
