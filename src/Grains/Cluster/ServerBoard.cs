using System.Runtime.InteropServices;

namespace Notebook.Grains.Cluster;

/// <summary>
/// The servers as the cluster manager has them in mind: what their grains said last. A decision that is made by what was true
/// a moment ago costs a second try, nothing else: leases are granted by the servers' grains alone. No clock, no IO.
/// </summary>
/// <remarks>
/// A kernel is placed by a look at every server, of which there may be thousands. So what is looked at lies side by side in
/// memory (<see cref="Slot"/>), and the servers that can be used are kept in <see cref="PlacementServer.LeastLoadedFirst"/>: a
/// server that changes takes its new place, and nobody has to sort them.
/// </remarks>
/// <param name="replicasPerKernel">Replicas of a kernel.</param>
internal sealed class ServerBoard(int replicasPerKernel = ClusterDefaults.ReplicasPerKernel)
{
    private static readonly Comparer<BoardServer> s_byName =
        Comparer<BoardServer>.Create((one, other) => string.CompareOrdinal(one.Server.Value, other.Server.Value));

    private static readonly Comparer<Slot> s_byLoad =
        Comparer<Slot>.Create((one, other) => PlacementServer.LeastLoadedFirst.Compare(one.Server, other.Server));

    private readonly Dictionary<ServerId, BoardServer> _servers = [];
    private readonly List<Slot> _usable = [];   // of each server that can be used one, the least loaded first
    private BoardServer[] _all = [];

    /// <summary>What a look at a server needs.</summary>
    private readonly record struct Slot(PlacementServer Server, ResourceAmounts Spec, ResourceAmounts Promised, string[] Specs);

    /// <summary>All servers, in the order of their names.</summary>
    public IReadOnlyList<BoardServer> All => _all;

    /// <summary>GPUs that cells hold.</summary>
    public int CommittedGpus { get; private set; }

    /// <summary>GPUs that all kernels together may ask for: each of their replicas was promised them.</summary>
    public double DemandedGpus => (double)_all.Sum(s => s.Account.Promised.Gpus) / replicasPerKernel;

    /// <summary>Whether any server can be used.</summary>
    public bool HasUsable => _usable.Count > 0;

    /// <summary>Whether a server that can be used has GPUs.</summary>
    public bool HasGpus => _usable.Exists(s => s.Spec.Gpus > 0);

    /// <summary>The server, or null when nothing was heard of it.</summary>
    public BoardServer? Find(ServerId server) => _servers.GetValueOrDefault(server);

    /// <summary>Takes in what a server's grain says.</summary>
    /// <returns>Whether more is free there than before, or it can be used again.</returns>
    public bool Hear(ServerSummary summary)
    {
        if (_servers.TryGetValue(summary.Server, out var server)) return Change(server, s => s.Hear(summary));
        _servers.Add(summary.Server, server = new BoardServer(summary));
        CommittedGpus += server.Account.Committed.Gpus;
        var at = ~Array.BinarySearch(_all, server, s_byName);
        _all = [.. _all[..at], server, .. _all[at..]];
        Include(server);
        return true;
    }

    /// <summary>Takes in which kernelspecs a server offers.</summary>
    public void Offers(ServerId server, IEnumerable<string> specs)
    {
        if (!_servers.TryGetValue(server, out var known)) return;
        string[] names = [.. specs];
        names = Array.Find(_all, s => s.Specs.AsSpan().SequenceEqual(names))?.Specs ?? names;   // most offer the same: one list for them
        Change(known, s => s.Specs = names);
    }

    /// <summary>Says that a server is to be emptied, or not any more.</summary>
    public void Drain(ServerId server, bool drain)
    {
        if (_servers.TryGetValue(server, out var known)) Change(known, s => s.IsDraining = drain);
    }

    /// <summary>Forgets a server that was removed.</summary>
    public void Remove(ServerId server)
    {
        if (!_servers.Remove(server, out var known)) return;
        if (known.IsUsable) _usable.RemoveAt(_usable.BinarySearch(SlotOf(known), s_byLoad));
        CommittedGpus -= known.Account.Committed.Gpus;
        _all = [.. _all.Where(s => s.Server != server)];
    }

    /// <summary>The kernelspec that is meant; null when no server that can be used has it.</summary>
    /// <param name="asked">Its name; when empty the preferred one, else the first by name.</param>
    public string? SpecFor(string asked)
    {
        var wanted = asked.Length > 0 ? asked : KernelSpecCatalog.Preferred;
        if (_usable.Exists(s => s.Specs.Contains(wanted))) return wanted;
        return asked.Length > 0 ? null : _usable.SelectMany(s => s.Specs).Min(StringComparer.Ordinal);
    }

    /// <summary>Servers where a replica with this promise can be placed, in <see cref="PlacementServer.LeastLoadedFirst"/>.</summary>
    /// <param name="specName">The kernelspec that they have to offer.</param>
    /// <param name="promise">What its kernel's cells may ask for.</param>
    /// <param name="subscription">The limits.</param>
    /// <param name="gpuLimit">The limit for GPUs now.</param>
    /// <param name="except">Servers that do not count.</param>
    public ImmutableArray<PlacementServer> Able(
        string specName, in ResourceAmounts promise, Subscription subscription, double gpuLimit, IReadOnlySet<ServerId>? except = null)
    {
        var able = ImmutableArray.CreateBuilder<PlacementServer>(_usable.Count);
        var (specs, offered) = (Array.Empty<string>(), false);
        foreach (ref readonly var slot in CollectionsMarshal.AsSpan(_usable))
        {
            if (slot.Specs != specs) (specs, offered) = (slot.Specs, slot.Specs.Contains(specName));
            if (!offered || !promise.FitsIn(slot.Spec) || !subscription.Allows(slot.Spec, slot.Promised, promise, gpuLimit)) continue;
            if (except?.Contains(slot.Server.Server) != true) able.Add(slot.Server);
        }

        return able.DrainToImmutable();
    }

    /// <summary>Changes a server, and sees to its place among those that can be used.</summary>
    private T Change<T>(BoardServer server, Func<BoardServer, T> change)
    {
        var before = server.ForPolicies;
        var at = server.IsUsable ? _usable.BinarySearch(SlotOf(server), s_byLoad) : -1;
        CommittedGpus -= server.Account.Committed.Gpus;
        var result = change(server);
        CommittedGpus += server.Account.Committed.Gpus;
        if (at >= 0 && server.IsUsable && PlacementServer.LeastLoadedFirst.Compare(before, server.ForPolicies) == 0)
        {
            _usable[at] = SlotOf(server);   // its place is the same
            return result;
        }

        if (at >= 0) _usable.RemoveAt(at);
        Include(server);
        return result;
    }

    private void Include(BoardServer server)
    {
        if (!server.IsUsable) return;
        var slot = SlotOf(server);
        _usable.Insert(~_usable.BinarySearch(slot, s_byLoad), slot);
    }

    private static Slot SlotOf(BoardServer server) => new(server.ForPolicies, server.Account.Spec, server.Account.Promised, server.Specs);
}

/// <summary>One server on the board, which alone changes it.</summary>
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

    /// <summary>Whether anything can be placed on it.</summary>
    public bool IsUsable => IsUp && !IsDraining;

    /// <summary>Replicas placed on it.</summary>
    public int Replicas => _summary.Replicas;

    /// <summary>The GPUs that the cells of each user hold.</summary>
    public ImmutableArray<UserGpus> Users => _summary.Users;

    /// <summary>The kernelspecs that it offers.</summary>
    public string[] Specs { get; set; } = [];

    /// <summary>As policies see it.</summary>
    public PlacementServer ForPolicies => _forPolicies ??= new(
        Server, Account.Spec.Gpus, Account.Idle.Gpus, Account.Promised.Gpus, _summary.Replicas, _summary.Load);

    /// <summary>Whether replicas of this kernelspec can be placed on it at all.</summary>
    public bool CanTake(string specName) => IsUsable && Specs.Contains(specName);

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
