namespace Notebook.Grains.Servers;

/// <summary>
/// The replicas placed on one server, and what is promised to all of them together. It is written anew with each that comes or
/// goes, so it is written short: most kernels are promised the same. No IO of its own.
/// </summary>
internal sealed class PlacedReplicas
{
    private readonly Dictionary<ReplicaId, ResourceAmounts> _promises = [];
    private readonly Dictionary<ResourceAmounts, ImmutableArray<ReplicaId>> _groups = [];   // the same by promise, as they are stored

    public PlacedReplicas(PlacedRecord record)
    {
        foreach (var (promised, replicas) in record.Groups)
        {
            foreach (var replica in replicas) Place(replica, promised);
        }
    }

    /// <summary>All.</summary>
    public IReadOnlyCollection<ReplicaId> Replicas => _promises.Keys;

    /// <summary>How many there are.</summary>
    public int Count => _promises.Count;

    /// <summary>What is promised to all of them.</summary>
    public ResourceAmounts Promised { get; private set; }

    /// <summary>What has to be stored.</summary>
    public PlacedRecord Record => new() { Groups = [.. _groups.Select(g => new PlacedGroup(g.Key, g.Value))] };

    /// <summary>Whether a replica is placed here.</summary>
    public bool Holds(ReplicaId replica) => _promises.ContainsKey(replica);

    /// <summary>Whether any replica of a kernel is placed here.</summary>
    public bool HoldsAnyOf(KernelId kernel) => _promises.Keys.Any(r => r.Kernel == kernel);

    /// <summary>A replica comes, with what is promised to it.</summary>
    /// <returns>Whether that is news; what was promised first stands.</returns>
    public bool Place(ReplicaId replica, in ResourceAmounts promised)
    {
        if (!_promises.TryAdd(replica, promised)) return false;
        _groups[promised] = _groups.TryGetValue(promised, out var others) ? others.Add(replica) : [replica];
        Promised += promised;
        return true;
    }

    /// <summary>A replica goes.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Unplace(ReplicaId replica)
    {
        if (!_promises.Remove(replica, out var promised)) return false;
        if (_groups[promised] is { Length: > 1 } group) _groups[promised] = group.Remove(replica);
        else _groups.Remove(promised);
        Promised -= promised;
        return true;
    }
}
