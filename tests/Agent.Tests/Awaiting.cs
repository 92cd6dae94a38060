namespace Notebook.Agent.Tests;

/// <summary>Waits for events, never for time to pass; an event that does not come is named.</summary>
internal static class Awaiting
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task<T> Within<T>(this Task<T> task, string what, TimeSpan? limit = null)
    {
        try
        {
            return await task.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"this did not happen within {(limit ?? Limit).TotalSeconds} s: {what}");
        }
    }

    public static async Task Within(this Task task, string what, TimeSpan? limit = null)
    {
        await task.ContinueWith(_ => true, TaskScheduler.Default).Within(what, limit);
        await task;
    }
}

/// <summary>What arrived and was not yet asked for.</summary>
internal sealed class Inbox<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];
    private readonly List<(Func<T, bool> Wanted, TaskCompletionSource<T> Found)> _waiting = [];
    private Exception? _ended;

    /// <summary>Nothing will come any more: who waits is told why.</summary>
    public void End(string reason)
    {
        lock (_lock)
        {
            _ended = new InvalidOperationException(reason);
            foreach (var (_, found) in _waiting) found.TrySetException(_ended);
            _waiting.Clear();
        }
    }

    public void Add(T item)
    {
        lock (_lock)
        {
            var index = _waiting.FindIndex(w => w.Wanted(item));
            if (index < 0)
            {
                _items.Add(item);
                return;
            }

            _waiting[index].Found.TrySetResult(item);
            _waiting.RemoveAt(index);
        }
    }

    public Task<T> NextAsync(string what, Func<T, bool> wanted, TimeSpan? limit = null)
    {
        lock (_lock)
        {
            var index = _items.FindIndex(item => wanted(item));
            if (index >= 0)
            {
                var item = _items[index];
                _items.RemoveAt(index);
                return Task.FromResult(item);
            }

            if (_ended is not null) return Task.FromException<T>(_ended);
            var found = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, found));
            return found.Task.Within(what, limit);
        }
    }

    public IReadOnlyList<T> Unasked
    {
        get
        {
            lock (_lock) return [.. _items];
        }
    }
}
