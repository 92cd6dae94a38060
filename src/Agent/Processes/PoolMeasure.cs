namespace Notebook.Agent.Processes;

/// <summary>
/// What a pool measures of itself: who found a process and who had to wait, how long a process takes to make, and how long
/// a place stays empty. Each start empties a place, and the next process that is made fills the oldest of them, also when it
/// is handed on to someone who waits. Times are in ticks of a clock that the caller reads. No IO, no locks.
/// </summary>
internal sealed class PoolMeasure
{
    /// <summary>Over how many of the last ones times are averaged.</summary>
    public const int Remembered = 20;

    private const int MaxEmpty = 1_000;
    private readonly Queue<TimeSpan> _startTimes = [];
    private readonly Queue<TimeSpan> _holdingTimes = [];
    private readonly Queue<DateTimeOffset> _empty = [];   // since when, the oldest first

    /// <summary>Starts that found a warm process.</summary>
    public long Hits { get; private set; }

    /// <summary>Starts that had to wait.</summary>
    public long Misses { get; private set; }

    /// <summary>How long a process takes to make; null while none was made.</summary>
    public TimeSpan? StartTime => Average(_startTimes);

    /// <summary>How long a place stays empty; null while none was filled again.</summary>
    public TimeSpan? HoldingTime => Average(_holdingTimes);

    /// <summary>A process is asked for.</summary>
    public void Taken(bool isHit, DateTimeOffset now)
    {
        if (isHit) Hits++;
        else Misses++;
        if (_empty.Count == MaxEmpty) _empty.Dequeue();
        _empty.Enqueue(now);
    }

    /// <summary>A process is there, and took this long.</summary>
    public void Made(TimeSpan took, DateTimeOffset now)
    {
        Add(_startTimes, took);
        if (_empty.TryDequeue(out var since)) Add(_holdingTimes, now - since);
    }

    /// <summary>Nothing is made any more: what is empty stays so, since the pool has become smaller, or cannot be filled.</summary>
    public void Rests() => _empty.Clear();

    private static void Add(Queue<TimeSpan> times, TimeSpan time)
    {
        times.Enqueue(time > TimeSpan.Zero ? time : TimeSpan.Zero);
        if (times.Count > Remembered) times.Dequeue();
    }

    private static TimeSpan? Average(Queue<TimeSpan> times) =>
        times.Count == 0 ? null : TimeSpan.FromTicks((long)times.Average(time => time.Ticks));
}
