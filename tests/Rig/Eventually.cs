namespace Notebook.Rig;

/// <summary>Waits with a limit, and says on failure which event never came. The only place of the tests that looks again and again.</summary>
public static class Eventually
{
    /// <summary>The limit where a caller names none.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is not null. For what no event tells: the state of another process.</summary>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask, TimeSpan? limit = null)
        where T : class
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await ask() is { } answer) return answer;
            if (TimeProvider.System.GetElapsedTime(started) > (limit ?? Limit))
                throw new TimeoutException($"waited {(limit ?? Limit).TotalSeconds:0} s for: {what}");
            await Task.Delay(s_pause, TimeProvider.System);
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static Task IsTrueAsync(string what, Func<Task<bool>> ask, TimeSpan? limit = null) =>
        GetAsync(what, async () => await ask() ? "yes" : null, limit);

    /// <summary>Waits for an event.</summary>
    public static async Task<T> WithinAsync<T>(this Task<T> task, string what, TimeSpan? limit = null)
    {
        try
        {
            return await task.WaitAsync(limit ?? Limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"waited {(limit ?? Limit).TotalSeconds:0} s for: {what}");
        }
    }
}
