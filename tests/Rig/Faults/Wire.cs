namespace Notebook.Rig.Faults;

/// <summary>The way of bytes from one process to another. What comes while it is blocked waits, as TCP has it wait that sends again.</summary>
public sealed class Wire
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _opened;   // set while it is blocked
    private TimeSpan _delay;

    /// <summary>Nothing gets through until <see cref="Open"/>.</summary>
    public void Block()
    {
        lock (_lock) _opened ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Everything takes this much longer.</summary>
    public void Slow(TimeSpan delay)
    {
        lock (_lock) _delay = delay;
    }

    /// <summary>All is well again, and what waited goes on.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _opened?.SetResult();
            (_opened, _delay) = (null, TimeSpan.Zero);
        }
    }

    /// <summary>Waits as long as bytes take.</summary>
    internal async Task PassAsync(CancellationToken stop)
    {
        while (true)
        {
            Task? opened;
            TimeSpan delay;
            lock (_lock) (opened, delay) = (_opened?.Task, _delay);
            if (opened is null)
            {
                if (delay > TimeSpan.Zero) await Task.Delay(delay, TimeProvider.System, stop);
                return;
            }

            await opened.WaitAsync(stop);
        }
    }
}
