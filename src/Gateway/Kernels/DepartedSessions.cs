namespace Notebook.Gateway.Kernels;

/// <summary>Where the sessions stopped whose connections broke, for when they come back. Bounded in number and time. Not safe for threads.</summary>
internal sealed class DepartedSessions(TimeSpan keptFor, int limit = 64)
{
    private readonly Dictionary<string, (long Cursor, DateTimeOffset Since)> _sessions = [];

    /// <summary>The earliest place that somebody may come back to; null when nobody is away.</summary>
    public long? Earliest => _sessions.Count == 0 ? null : _sessions.Values.Min(s => s.Cursor);

    public bool IsEmpty => _sessions.Count == 0;

    public void Add(string session, long cursor, DateTimeOffset now)
    {
        _sessions[session] = (cursor, now);
        if (_sessions.Count > limit) _sessions.Remove(_sessions.MinBy(s => s.Value.Since).Key);
    }

    public bool Knows(string session) => _sessions.ContainsKey(session);

    /// <summary>Where the session goes on, if it was away.</summary>
    public long? Return(string session) => _sessions.Remove(session, out var away) ? away.Cursor : null;

    public void Forget(DateTimeOffset now)
    {
        foreach (var (session, away) in _sessions)
            if (now - away.Since > keptFor) _sessions.Remove(session);
    }
}
