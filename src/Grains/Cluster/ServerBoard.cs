namespace Notebook.Grains.Cluster;

/// <summary>
/// The servers as the cluster manager has them in mind: what their grains said last. A decision that is made by what was true
/// a moment ago costs a second try, nothing else: leases are granted by the servers' grains alone. No clock, no IO.
/// </summary>
/// <param name="replicasPerKernel">Replicas of a kernel.</param>
internal sealed class ServerBoard(int replicasPerKernel = ClusterDefaults.ReplicasPerKernel)
{
    private readonly Dictionary<ServerId, BoardServer> _servers = [];
    private BoardServer[] _all = [];

    /// <summary>All servers, in the order of their names.</summary>
    public IReadOnlyList<BoardServer> All => _all;

    /// <summary>GPUs that cells hold.</summary>
    public int CommittedGpus => _all.Sum(s => s.Account.Committed.Gpus);

    /// <summary>GPUs that all kernels together may ask for: each of their replicas was promised them.</summary>
    public double DemandedGpus => (double)_all.Sum(s => s.Account.Promised.Gpus) / replicasPerKernel;

    /// <summary>The server, or null when nothing was heard of it.</summary>
    public BoardServer? Find(ServerId server) => _servers.GetValueOrDefault(server);

    /// <summary>Takes in what a server's grain says.</summary>
    /// <returns>Whether more is free there than before, or it can be used again.</returns>
    public bool Hear(ServerSummary summary)
    {
        if (!_servers.TryGetValue(summary.Server, out var server))
        {
            _servers.Add(summary.Server, server = new BoardServer(summary));
            _all = [.. _servers.Values.OrderBy(s => s.Server.Value, StringComparer.Ordinal)];
            return true;
        }

        return server.Hear(summary);
    }

    /// <summary>Takes in which kernelspecs a server offers.</summary>
    public void Offers(ServerId server, IEnumerable<string> specs)
    {
        if (_servers.TryGetValue(server, out var known)) known.Specs = [.. specs];
    }

    /// <summary>Says that a server is to be emptied, or not any more.</summary>
    public void Drain(ServerId server, bool drain)
    {
        if (_servers.TryGetValue(server, out var known)) known.IsDraining = drain;
    }

    /// <summary>Forgets a server that was removed.</summary>
    public void Remove(ServerId server)
    {
        if (_servers.Remove(server)) _all = [.. _all.Where(s => s.Server != server)];
    }

    /// <summary>Servers where a replica with this promise can be placed.</summary>
    /// <param name="specName">The kernelspec that they have to offer.</param>
    /// <param name="promise">What its kernel's cells may ask for.</param>
    /// <param name="subscription">The limits.</param>
    /// <param name="gpuLimit">The limit for GPUs now.</param>
    /// <param name="except">Servers that do not count.</param>
    public ImmutableArray<PlacementServer> Able(
        string specName, in ResourceAmounts promise, Subscription subscription, double gpuLimit, IReadOnlySet<ServerId>? except = null)
    {
        var able = ImmutableArray.CreateBuilder<PlacementServer>(_all.Length);
        foreach (var server in _all)
        {
            if (!server.CanTake(specName) || !promise.FitsIn(server.Account.Spec)) continue;
            if (!subscription.Allows(server.Account, promise, gpuLimit) || except?.Contains(server.Server) == true) continue;
            able.Add(server.ForPolicies);
        }

        return able.DrainToImmutable();
    }
}

/// <summary>One server on the board.</summary>
internal sealed class BoardServer(ServerSummary summary)
{
    private ServerSummary _summary = summary;
    private PlacementServer? _forPolicies;

    /// <summary>Its id.</summary>
    public ServerId Server => _summary.Server;

    /// <summary>Its resources.</summary>
    public ServerAccount Account => _summary.Account;

    /// <summary>Whether its agent is connected.</summary>
    public bool IsUp => _summary.State == ServerState.Up;

    /// <summary>Whether it is being emptied.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Replicas placed on it.</summary>
    public int Replicas => _summary.Replicas;

    /// <summary>The GPUs that the cells of each user hold.</summary>
    public ImmutableArray<UserGpus> Users => _summary.Users;

    /// <summary>The kernelspecs that it offers.</summary>
    public ImmutableHashSet<string> Specs { get; set; } = [];

    /// <summary>As policies see it.</summary>
    public PlacementServer ForPolicies => _forPolicies ??= new(
        Server, Account.Spec.Gpus, Account.Idle.Gpus, Account.Promised.Gpus, _summary.Replicas, _summary.Load);

    /// <summary>Whether replicas of this kernelspec can be placed on it at all.</summary>
    public bool CanTake(string specName) => IsUp && !IsDraining && Specs.Contains(specName);

    /// <summary>Takes in news.</summary>
    /// <returns>Whether more is free than before, or it can be used again.</returns>
    public bool Hear(ServerSummary next)
    {
        if (next.Version <= _summary.Version) return false;
        var before = _summary;
        (_summary, _forPolicies) = (next, null);
        return next.State == ServerState.Up
            && (before.State != ServerState.Up || !next.Account.Idle.FitsIn(before.Account.Idle) || before.Account.Held != next.Account.Held);
    }
}
