namespace Notebook.Gateway.Tests.Fakes;

/// <summary>The sessions' grain, in memory.</summary>
internal sealed class FakeSessions(FakeCluster cluster) : ISessionsGrain
{
    private readonly Lock _gate = new();
    private ImmutableArray<JupyterSession> _sessions = [];

    /// <summary>Says so instead of taking a session in, while it is set.</summary>
    public AddSessionOutcome? Answer { get; set; }

    public ImmutableArray<JupyterSession> All => _sessions;

    public Task<ImmutableArray<JupyterSession>> List() => Answered(_sessions);

    public Task<JupyterSession?> Find(string id) => Answered(_sessions.FirstOrDefault(s => s.Id == id));

    public Task<JupyterSession?> At(string path) => Answered(_sessions.FirstOrDefault(s => s.Path == path));

    public Task<AddSessionOutcome> Add(JupyterSession session)
    {
        lock (_gate)
        {
            if (Answer is { } answer) return Answered(answer);
            if (_sessions.FirstOrDefault(s => s.Path == session.Path) is { } there) return Answered<AddSessionOutcome>(new AddSessionOutcome.Exists(there));
            _sessions = _sessions.Add(session);
            return Answered<AddSessionOutcome>(new AddSessionOutcome.Added());
        }
    }

    public Task<JupyterSession?> Change(string id, SessionChange change)
    {
        lock (_gate)
        {
            if (_sessions.FirstOrDefault(s => s.Id == id) is not { } before) return Answered<JupyterSession?>(null);
            var after = new JupyterSession(id, change.Path ?? before.Path, change.Name ?? before.Name, change.Type ?? before.Type, change.Kernel ?? before.Kernel);
            _sessions = _sessions.Replace(before, after);
            return Answered<JupyterSession?>(after);
        }
    }

    public Task Remove(string id) => Keep(s => s.Id != id);

    public Task KernelEnded(KernelId kernel) => Keep(s => s.Kernel != kernel);

    private Task<bool> Keep(Predicate<JupyterSession> which)
    {
        lock (_gate) _sessions = _sessions.RemoveAll(s => !which(s));
        return Answered(true);
    }

    private Task<T> Answered<T>(T answer)
    {
        cluster.ThrowIfDown();
        return Task.FromResult(answer);
    }
}
