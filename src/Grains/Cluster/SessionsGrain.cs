namespace Notebook.Grains.Cluster;

/// <summary>The sessions of Jupyter's clients: a shell round <see cref="SessionBook"/> that stores it.</summary>
internal sealed class SessionsGrain([PersistentState("sessions")] IPersistentState<SessionsRecord> record) : Grain, ISessionsGrain
{
    private SessionBook _book = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _book = new SessionBook(record.State);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<JupyterSession>> List() => Task.FromResult(_book.All);

    /// <inheritdoc/>
    public Task<JupyterSession?> Find(string id) => Task.FromResult(_book.Find(id));

    /// <inheritdoc/>
    public Task<JupyterSession?> At(string path) => Task.FromResult(_book.At(path));

    /// <inheritdoc/>
    public async Task<AddSessionOutcome> Add(JupyterSession session)
    {
        var outcome = _book.Add(session);
        if (outcome is AddSessionOutcome.Added) await StoreAsync();
        return outcome;
    }

    /// <inheritdoc/>
    public async Task<JupyterSession?> Change(string id, SessionChange change)
    {
        var changed = _book.Change(id, change);
        if (changed is not null) await StoreAsync();
        return changed;
    }

    /// <inheritdoc/>
    public Task Remove(string id) => _book.Remove(id) ? StoreAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public Task KernelEnded(KernelId kernel) => _book.RemoveOf(kernel) ? StoreAsync() : Task.CompletedTask;

    private async Task StoreAsync()
    {
        try
        {
            record.State = new SessionsRecord { Sessions = _book.All };
            await record.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();   // what is in memory was not stored: the next activation starts from what was
            throw;
        }
    }
}
