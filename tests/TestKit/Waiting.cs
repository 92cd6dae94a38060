namespace Notebook.TestKit;

/// <summary>Waits for events with a limit that only a broken program reaches.</summary>
public static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits for <paramref name="task"/>; when it never ends, the failure says <paramref name="what"/>.</summary>
    public static async Task<T> Within<T>(this Task<T> task, string what)
    {
        await ((Task)task).Within(what);
        return await task;
    }

    /// <inheritdoc cref="Within{T}(Task{T}, string)"/>
    public static async Task Within(this Task task, string what)
    {
        try
        {
            await task.WaitAsync(Limit, TimeProvider.System);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"never happened: {what}");
        }
    }

    /// <summary>Waits until <paramref name="condition"/> holds, for what announces itself by no event.</summary>
    /// <param name="condition">What is to hold.</param>
    /// <param name="what">It, in words, for the failure.</param>
    /// <param name="describe">How things stand, for the failure.</param>
    public static Task Until(Func<bool> condition, string what, Func<string>? describe = null) =>
        Until(() => Task.FromResult(condition()), what, describe);

    /// <inheritdoc cref="Until(Func{bool}, string, Func{string})"/>
    public static async Task Until(Func<Task<bool>> condition, string what, Func<string>? describe = null)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await condition())
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"never happened: {what}{(describe is null ? "" : "; ")}{describe?.Invoke()}");
            await Task.Yield();
        }
    }
}
