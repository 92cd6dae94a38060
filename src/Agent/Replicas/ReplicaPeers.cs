using System.Collections.Immutable;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// Who the replicas of the same kernels are, as the silo last said, and so which agents this one needs links to: all that
/// hold a replica of a kernel that has one here.
/// </summary>
/// <param name="self">Our own server.</param>
/// <param name="want">A link to this server at this address is needed; again with another address.</param>
/// <param name="release">No replica needs a link to this server any more.</param>
internal sealed class ReplicaPeers(string self, Action<string, Uri> want, Action<string> release)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImmutableArray<Peer>> _peersByReplica = [];
    private readonly HashSet<string> _wanted = [];

    /// <summary>All replicas of this one's kernel, this one too; empty when that is not known.</summary>
    public ImmutableArray<Peer> Of(string replica)
    {
        lock (_lock) return _peersByReplica.GetValueOrDefault(replica, []);
    }

    /// <summary>The silo said who they are.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Set(string replica, IEnumerable<Peer> peers)
    {
        lock (_lock)
        {
            var before = _peersByReplica.GetValueOrDefault(replica, []);
            var present = _peersByReplica[replica] = [.. peers];
            ReleaseUnneeded_NeedsLock();
            foreach (var peer in present)
            {
                // Addresses that are no address, or not known yet, are not wanted: a better word of the silo follows.
                if (peer.Server == self || !Uri.TryCreate(peer.Address, UriKind.Absolute, out var address)) continue;
                _wanted.Add(peer.Server);
                want(peer.Server, address);
            }

            return !present.SequenceEqual(before);
        }
    }

    /// <summary>The replica is not here any more.</summary>
    public void Remove(string replica)
    {
        lock (_lock)
        {
            _peersByReplica.Remove(replica);
            ReleaseUnneeded_NeedsLock();
        }
    }

    private void ReleaseUnneeded_NeedsLock()
    {
        var needed = _peersByReplica.Values.SelectMany(peers => peers).Select(peer => peer.Server).ToHashSet();
        foreach (var server in _wanted.Where(server => !needed.Contains(server)).ToArray())
        {
            _wanted.Remove(server);
            release(server);
        }
    }
}
