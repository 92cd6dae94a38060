namespace Notebook.Grains.Kernels;

/// <summary>
/// The word that a cell has ended may be lost between two grains. So the order of a cell that runs is repeated now and then, more
/// and more seldom: its agent takes one message once, and says what has become of it.
/// </summary>
internal sealed partial class KernelGrain
{
    private static readonly (TimeSpan First, TimeSpan Longest) s_lookAfter = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(16));

    /// <summary>A cell that waits behind the running one asks after it, but not more often than this.</summary>
    private static readonly TimeSpan s_askAfter = TimeSpan.FromSeconds(10);

    private IGrainTimer? _lookingAfter;
    private TimeSpan _pause;
    private DateTimeOffset _orderedAt;

    private void LookAfterOrder()
    {
        (_orderedAt, _pause) = (time.GetUtcNow(), s_lookAfter.First);
        if (_lookingAfter is null) _lookingAfter = this.RegisterGrainTimer(LookAfterOrderAsync, new GrainTimerCreationOptions(_pause, _pause) { KeepAlive = true });
        else _lookingAfter.Change(_pause, _pause);
    }

    private async Task LookAfterOrderAsync()
    {
        if (_queue.Running is not { Loss: null } running || _orderIsUnsent)
        {
            _lookingAfter?.Dispose();   // a cell that is lost is looked after by its recall
            _lookingAfter = null;
            return;
        }

        _pause = _pause * 2 < s_lookAfter.Longest ? _pause * 2 : s_lookAfter.Longest;
        _lookingAfter!.Change(_pause, _pause);
        await TryOrderAsync(running);
    }

    /// <summary>Another cell waits behind the running one.</summary>
    private async Task AskAfterRunningAsync()
    {
        var now = time.GetUtcNow();
        if (_queue.Running is not { Loss: null } running || _orderIsUnsent || now - _orderedAt < s_askAfter) return;
        _orderedAt = now;
        await TryOrderAsync(running);
    }
}
