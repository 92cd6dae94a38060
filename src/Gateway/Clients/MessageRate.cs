namespace Notebook.Gateway.Clients;

/// <summary>
/// How fast a client's messages are taken: so many a second, and after a pause as many at once. No clock, no waiting of its own.
/// </summary>
/// <param name="perSecond">How many; 0 for any number.</param>
internal sealed class MessageRate(int perSecond)
{
    private double _left = perSecond;
    private DateTimeOffset? _at;

    /// <summary>Takes the next message in.</summary>
    /// <returns>How long to wait before it is passed on.</returns>
    public TimeSpan Take(DateTimeOffset now)
    {
        if (perSecond == 0) return TimeSpan.Zero;
        if (_at is { } before && now > before) _left = Math.Min(perSecond, _left + (now - before).TotalSeconds * perSecond);
        if (_at is null || now > _at) _at = now;
        _left--;
        return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond);
    }
}
