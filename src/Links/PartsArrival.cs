namespace Notebook.Links;

/// <summary>
/// Says how much has come of a large message that was handed out before it was whole: its content is there, its buffers
/// fill from the first one's beginning to the last one's end.
/// </summary>
public sealed class PartsArrival
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _moved;
    private long _missing;
    private volatile bool _hasBroken;

    internal PartsArrival(long missing) => _missing = missing;

    /// <summary>How many bytes are still to come, the last ones of the buffers; 0 when the message is whole.</summary>
    public long Missing => Volatile.Read(ref _missing);

    /// <summary>Whether the link broke in the middle: the rest will never come.</summary>
    public bool HasBroken => _hasBroken;

    /// <summary>Completes when the message is whole or broken.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Waits until at most so many bytes are missing.</summary>
    /// <param name="missing">How many.</param>
    /// <param name="givenUp">When this completes, nobody wants to know any more.</param>
    /// <returns>False when the message broke before.</returns>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<bool> UntilAsync(long missing, Task givenUp)
    {
        while (Missing > missing)
        {
            Task moved;
            lock (_lock)
            {
                if (_hasBroken) return false;
                if (_missing <= missing) break;
                moved = (_moved ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            if (await Task.WhenAny(moved, givenUp) == givenUp) throw new OperationCanceledException("nobody waits for the rest of the message");
        }

        return true;
    }

    internal void Tell(long missing)
    {
        lock (_lock)
        {
            Volatile.Write(ref _missing, missing);
            Moved_NeedsLock();
            if (missing == 0) _ended.TrySetResult();
        }
    }

    /// <summary>Nothing more comes. A message that is whole stays so.</summary>
    internal void Break()
    {
        lock (_lock)
        {
            if (_missing == 0) return;
            _hasBroken = true;
            Moved_NeedsLock();
            _ended.TrySetResult();
        }
    }

    private void Moved_NeedsLock()
    {
        _moved?.TrySetResult();
        _moved = null;
    }
}
