namespace Notebook.Cli.Replay;

/// <summary>The time of a replay, which begins when its trace does.</summary>
internal sealed class ReplayClock(TimeProvider time, DateTimeOffset start)
{
    /// <summary>Since the trace's beginning; zero before it.</summary>
    public TimeSpan Now => At(time.GetUtcNow());

    /// <summary>A moment in the replay's time; zero before its beginning.</summary>
    public TimeSpan At(DateTimeOffset moment) => moment > start ? moment - start : TimeSpan.Zero;

    /// <summary>Waits for a time, which may lie before the beginning; it is over at once where that has passed.</summary>
    public Task UntilAsync(TimeSpan at, CancellationToken cancel)
    {
        var left = start + at - time.GetUtcNow();
        return left > TimeSpan.Zero ? Task.Delay(left, time, cancel) : Task.CompletedTask;
    }
}
