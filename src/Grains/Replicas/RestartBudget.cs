namespace Notebook.Grains.Replicas;

/// <summary>
/// How soon, and whether at all, a process that ended by itself is started again: at once-ish the first time, then with
/// growing pauses, and no more after five ends within a minute.
/// </summary>
internal sealed class RestartBudget
{
    /// <summary>Ends within <see cref="Window"/> after which it is given up.</summary>
    public const int Limit = 5;

    /// <summary>See <see cref="Limit"/>.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private readonly Queue<DateTimeOffset> _ends = [];

    /// <summary>The process ended.</summary>
    /// <returns>The pause before the next start, or null when it is given up.</returns>
    public TimeSpan? Ended(DateTimeOffset now)
    {
        while (_ends.TryPeek(out var oldest) && oldest <= now - Window) _ends.Dequeue();
        _ends.Enqueue(now);
        return _ends.Count >= Limit ? null : s_firstPause * Math.Pow(4, _ends.Count - 1);
    }
}
