using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Cluster;

/// <summary>Servers that come, change and go.</summary>
internal sealed partial class ClusterManagerGrain
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_sampling = TimeSpan.FromSeconds(30);
    private readonly HashSet<KernelId> _lacking = [];   // kernels with fewer replicas than they want
    private DateTimeOffset _sampled;
    private IGrainTimer _ticking = null!;
    private bool _ticksSoon = true;   // every few seconds, and not only to sample

    /// <inheritdoc/>
    public async Task ServerUp(ServerId server, ImmutableArray<KernelSpecInfo> specs)
    {
        var known = servers.State.Servers;
        var before = known.FirstOrDefault(s => s.Server == server);
        var entry = new KnownServer(server, specs) { Draining = before?.Draining ?? _fleet.Find(server) is { IsLeaving: true } };
        if (before is null || !SameSpecs(before.Specs, specs))
        {
            servers.State = new ServersRecord { Servers = before is null ? known.Add(entry) : known.Replace(before, entry) };
            await servers.WriteStateAsync();
        }

        Hear(await SummaryAsync(server));
        Describe(entry);
        await TurnAsync();
        await FillUpAsync();
    }

    /// <inheritdoc/>
    public Task ServerLost(ServerId server)
    {
        LogServerLost(server);
        return Task.CompletedTask;   // its state comes with what it says of itself; its kernels' grains are told by its replicas'
    }

    /// <inheritdoc/>
    public Task ServerChanged(ServerSummary server) => Hear(server) && _queue.Count > 0 ? TurnAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public Task LacksReplica(KernelId kernel)
    {
        if (!_kernels.Has(kernel)) return Task.CompletedTask;
        _lacking.Add(kernel);
        return FillUpAsync();
    }

    /// <summary>Finds servers for the replicas that kernels lack. A kernel that still lacks one says so again.</summary>
    private async Task FillUpAsync()
    {
        foreach (var id in _lacking.ToArray())
        {
            _lacking.Remove(id);
            if (await Kernel(id).View() is not { } view) continue;
            var definition = view.Definition;
            var has = view.Replicas.Select(r => r.Server).ToHashSet();
            var able = _board.Able(definition.SpecName, definition.Promise, _subscription, GpuLimit, has);
            if (placement.Place(definition.Resources ?? ResourceRequest.CpuOnly, 1, able) is not { Servers: [var server], Reason: var reason })
            {
                _lacking.Add(id);   // the next server that comes up may take it
                continue;
            }

            LogPlaced(id, placement.Name, server.Value, $"a replica that it lacks; {reason}");
            await Kernel(id).AddReplica(server);
        }
    }

    private bool Hear(ServerSummary? summary)
    {
        if (summary is null) return false;
        if (summary.State != ServerState.Up && servers.State.Servers.All(s => s.Server != summary.Server)) return false;   // the last words of one that was removed
        var isNew = _board.Find(summary.Server) is null;
        _isStirred |= isNew || _board.Find(summary.Server)!.IsUp != (summary.State == ServerState.Up) || _board.Find(summary.Server)!.IsDraining;
        if (_isStirred) LookSoon();
        var more = _board.Hear(summary);
        NoteDemand();
        if (isNew && servers.State.Servers.FirstOrDefault(s => s.Server == summary.Server) is { } known) Describe(known);
        return more || isNew;
    }

    /// <summary>Tells the board what a server does not say of itself with every change: of a thousand servers, one or another changes all the time.</summary>
    private void Describe(KnownServer known)
    {
        _board.Offers(known.Server, known.Specs.Select(s => s.Name));
        _board.Drain(known.Server, known.Draining);
    }

    private async Task<ServerSummary?> SummaryAsync(ServerId server)
    {
        try
        {
            return await Server(server).Summary();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            LogNotTold($"ask server {server} for what it has", e.Message);
            return null;   // it tells when its agent connects
        }
    }

    private async Task<ImmutableArray<ServerView>> ServerViews()
    {
        var views = await Task.WhenAll(servers.State.Servers.Select(s => Server(s.Server).View()));
        return [.. views.OfType<ServerView>().Select(v => v with { Draining = _board.Find(v.Server)?.IsDraining ?? false })];
    }

    private void StartTicking() =>
        _ticking = this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(s_tick, s_tick) { KeepAlive = true });

    /// <summary>Something waits, or is to be emptied: it is looked at every few seconds from now on.</summary>
    private void TickSoon()
    {
        if (_ticksSoon) return;
        _ticksSoon = true;
        _ticking.Change(s_tick, s_tick);
    }

    private async Task TickAsync()
    {
        var now = time.GetUtcNow();
        if (now - _sampled >= s_sampling)
        {
            _sampled = now;
            _subscription.Sample(_board.DemandedGpus, _board.CommittedGpus);
        }

        if (_queue.Count > 0) await TurnAsync();
        await DrainOnAsync();
        if (!_ticksSoon || _queue.Count > 0 || servers.State.Servers.Any(s => s.Draining)) return;
        _ticksSoon = false;
        _ticking.Change(s_sampling, s_sampling);
    }

    private static bool SameSpecs(ImmutableArray<KernelSpecInfo> one, ImmutableArray<KernelSpecInfo> other) =>
        one.Length == other.Length && one.Zip(other).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.DisplayName == pair.Second.DisplayName && pair.First.Language == pair.Second.Language
            && pair.First.Resources.Count == pair.Second.Resources.Count
            && pair.First.Resources.All(r => pair.Second.Resources.TryGetValue(r.Key, out var value) && value == r.Value));

    [LoggerMessage(EventId = 3303, Level = LogLevel.Warning, Message = "Server {Server} is lost")]
    private partial void LogServerLost(ServerId server);
}
