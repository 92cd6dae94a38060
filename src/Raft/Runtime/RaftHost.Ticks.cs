using System.Runtime.InteropServices;

namespace Notebook.Raft.Runtime;

// Time, and the log writer's thread. One timer for all groups, and only while one is awake; groups at rest are not in the set.
public sealed partial class RaftHost
{
    private readonly ITimer _timer;
    private readonly Lock _awakeLock = new();
    private readonly HashSet<RaftGroup> _awake = [];
    private readonly List<RaftGroup> _ticking = [];
    private readonly List<RaftGroup> _durable = [];   // of the log writer's thread
    private int _isTicking;
    private int _underWay;

    /// <summary>How many groups are awake: in use, or used a short while ago.</summary>
    public int AwakeGroups
    {
        get
        {
            lock (_awakeLock) return _awake.Count;
        }
    }

    /// <summary>Writes that are not on disk yet, or of which it is not done yet what comes of that, completions elsewhere included.</summary>
    internal int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Called under the group's lock.</summary>
    internal void SetAwake(RaftGroup group, bool isAwake)
    {
        lock (_awakeLock)
        {
            var wasIdle = _awake.Count == 0;
            if (isAwake) _awake.Add(group);
            else _awake.Remove(group);
            if (wasIdle != (_awake.Count == 0)) SetTimer(_awake.Count > 0);
        }
    }

    /// <summary>A write was handed to the log writer.</summary>
    internal void Writing() => Interlocked.Increment(ref _underWay);

    /// <summary>A group's write is on disk; called on the log writer's thread, which calls <see cref="FinishDurable"/> after several.</summary>
    internal void Durable(RaftGroup group) => _durable.Add(group);

    /// <summary>Runs completions on the thread pool.</summary>
    internal void RunElsewhere(List<Action> completions)
    {
        Interlocked.Increment(ref _underWay);
        ThreadPool.UnsafeQueueUserWorkItem(
            static work =>
            {
                foreach (var run in work.completions) run();
                Interlocked.Decrement(ref work.host._underWay);
            },
            (host: this, completions),
            preferLocal: false);
    }

    private void SetTimer(bool isOn)
    {
        var interval = isOn ? Options.TickInterval : Timeout.InfiniteTimeSpan;
        _timer.Change(interval, interval);
    }

    private void FinishDurable()
    {
        Flush();
        foreach (var group in CollectionsMarshal.AsSpan(_durable)) group.Drain(isWriter: true);
        Interlocked.Add(ref _underWay, -_durable.Count);
        _durable.Clear();
    }

    private void Tick()
    {
        if (Interlocked.Exchange(ref _isTicking, 1) != 0) return;   // the last round takes longer than a tick: one is left out
        Interlocked.Increment(ref Counts.Ticks);
        lock (_awakeLock) _ticking.AddRange(_awake);
        foreach (var group in _ticking) group.Tick();
        Flush();
        foreach (var group in _ticking) group.Drain();
        _ticking.Clear();
        Volatile.Write(ref _isTicking, 0);
    }
}
