namespace Notebook.Grains.Servers;

/// <summary>
/// How often processes are started on one server, from the totals that its agent counts: in windows of about equal length,
/// of which the last twenty are remembered. No clock, no IO.
/// </summary>
internal sealed class StartRates
{
    /// <summary>How many windows are remembered.</summary>
    public const int MaxWindows = 20;

    private readonly Queue<(int Starts, TimeSpan Length)> _windows = [];
    private long _total;
    private DateTimeOffset? _since;

    /// <summary>How long the last window was; zero before the first has ended.</summary>
    public TimeSpan Window { get; private set; }

    /// <summary>Starts in it.</summary>
    public int InWindow { get; private set; }

    /// <summary>Starts per second over all windows that are remembered; 0 before the first has ended.</summary>
    public double PerSecond =>
        _windows.Sum(w => w.Length.TotalSeconds) is > 0 and var seconds ? _windows.Sum(w => w.Starts) / seconds : 0;

    /// <summary>A window ends, and the next one begins. The first call, and one with a smaller total (the agent counts anew), only begins one.</summary>
    /// <param name="total">All starts that the agent has counted.</param>
    /// <param name="now">The time.</param>
    public void Close(long total, DateTimeOffset now)
    {
        if (_since is { } since && now > since && total >= _total)
        {
            (Window, InWindow) = (now - since, (int)Math.Min(int.MaxValue, total - _total));
            _windows.Enqueue((InWindow, Window));
            if (_windows.Count > MaxWindows) _windows.Dequeue();
        }

        (_total, _since) = (total, now);
    }
}
