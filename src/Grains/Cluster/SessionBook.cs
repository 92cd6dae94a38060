namespace Notebook.Grains.Cluster;

/// <summary>
/// The sessions of Jupyter's clients, as Jupyter Server keeps them: a path has one when it is made; names may change afterwards,
/// and then two of them may have the same. No clock, no IO.
/// </summary>
/// <param name="stored">What was stored.</param>
internal sealed class SessionBook(SessionsRecord stored)
{
    /// <summary>How many there may be: all of them are written when one changes.</summary>
    public const int MaxSessions = 10_000;

    /// <summary>Characters that a path may have.</summary>
    public const int MaxPath = 4096;

    /// <summary>Characters that a name, a type or an id may have.</summary>
    public const int MaxName = 256;

    private readonly List<JupyterSession> _sessions = [.. stored.Sessions];

    /// <summary>All, first come first.</summary>
    public ImmutableArray<JupyterSession> All => [.. _sessions];

    /// <summary>The one of this id, or null.</summary>
    public JupyterSession? Find(string id) => _sessions.Find(s => s.Id == id);

    /// <summary>The first of this path, or null.</summary>
    public JupyterSession? At(string path) => _sessions.Find(s => s.Path == path);

    /// <summary>Takes a new one in.</summary>
    public AddSessionOutcome Add(JupyterSession session)
    {
        if (Fault(session) is { } fault) return new AddSessionOutcome.Refused(fault);
        if (At(session.Path) is { } there) return new AddSessionOutcome.Exists(there);
        if (Find(session.Id) is not null) return new AddSessionOutcome.Refused($"the session id {session.Id} is in use");
        if (_sessions.Count >= MaxSessions) return new AddSessionOutcome.Refused($"{MaxSessions} sessions are open already: shut some down");
        _sessions.Add(session);
        return new AddSessionOutcome.Added();
    }

    /// <summary>Changes one; null when there is none of this id, or it would not be one any more.</summary>
    public JupyterSession? Change(string id, SessionChange change)
    {
        var at = _sessions.FindIndex(s => s.Id == id);
        if (at < 0) return null;
        var before = _sessions[at];
        var next = before with
        {
            Path = change.Path ?? before.Path,
            Name = change.Name ?? before.Name,
            Type = change.Type ?? before.Type,
            Kernel = change.Kernel ?? before.Kernel,
        };
        return Fault(next) is null ? _sessions[at] = next : null;
    }

    /// <summary>Forgets one.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string id) => _sessions.RemoveAll(s => s.Id == id) > 0;

    /// <summary>Forgets those of a kernel.</summary>
    /// <returns>Whether there were any.</returns>
    public bool RemoveOf(KernelId kernel) => _sessions.RemoveAll(s => s.Kernel == kernel) > 0;

    private static string? Fault(JupyterSession session) => session switch
    {
        { Path.Length: 0 or > MaxPath } => $"a session's path has 1 to {MaxPath} characters, not {session.Path.Length}",
        { Id.Length: 0 or > MaxName } or { Name.Length: > MaxName } or { Type.Length: 0 or > MaxName } =>
            $"a session's id, name and type have at most {MaxName} characters",
        _ => null,
    };
}
