namespace Notebook.Gateway.Doors;

/// <summary>
/// How long what a kernel says waits for a subscriber that does not keep up. All waiting counts together, whichever
/// subscriber it is for: ZMQ does not say which one has no room. When it is used up, what a subscriber has no room for is
/// lost to it, until there was room for everything for a while. Not safe for threads.
/// </summary>
/// <param name="limit">How much waiting there is in all.</param>
/// <param name="forgivenAfter">After how long without waiting it counts anew.</param>
internal sealed class SubscriberPatience(TimeSpan limit, TimeSpan forgivenAfter)
{
    private TimeSpan _spent;
    private DateTimeOffset? _waitingSince;
    private DateTimeOffset _lastFull = DateTimeOffset.MinValue;

    /// <summary>Somebody has no room.</summary>
    /// <returns>Whether the message is to wait; false when there was enough of that.</returns>
    public bool MayWait(DateTimeOffset now)
    {
        if (now - _lastFull >= forgivenAfter && _waitingSince is null) _spent = TimeSpan.Zero;
        _lastFull = now;
        _waitingSince ??= now;
        return _spent + (now - _waitingSince.Value) < limit;
    }

    /// <summary>A message went: to everybody, or to those who had room.</summary>
    public void Went(DateTimeOffset now)
    {
        if (_waitingSince is not { } since) return;
        _spent += now - since;
        _waitingSince = null;
    }
}
