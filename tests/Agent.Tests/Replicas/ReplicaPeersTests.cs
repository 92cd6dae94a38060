using Notebook.Agent.Replicas;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Replicas;

/// <summary>Which links an agent needs follows from the kernels of its replicas.</summary>
public sealed class ReplicaPeersTests
{
    private readonly List<string> _asked = [];
    private readonly ReplicaPeers _peers;

    public ReplicaPeersTests() =>
        _peers = new ReplicaPeers("a", (server, address) => _asked.Add($"want {server} {address}"), server => _asked.Add($"release {server}"));

    [Fact]
    public void All_servers_of_a_replicas_kernel_are_wanted_but_ones_own()
    {
        _peers.Set("k/1", Peers(("a", "ws://a/"), ("b", "ws://b/"), ("c", "ws://c/")));
        Assert.Equal(["want b ws://b/", "want c ws://c/"], Asked());
        Assert.Equal(["a", "b", "c"], _peers.Of("k/1").Select(p => p.Server));
        Assert.Empty(_peers.Of("k/2"));
    }

    [Fact]
    public void A_server_without_an_address_waits_for_one()
    {
        _peers.Set("k/1", Peers(("a", "ws://a/"), ("b", ""), ("c", "::")));
        Assert.Empty(Asked());
        _peers.Set("k/1", Peers(("a", "ws://a/"), ("b", "ws://b/")));
        Assert.Equal(["want b ws://b/"], Asked());
    }

    [Fact]
    public void A_server_is_released_when_its_last_replica_of_our_kernels_is_gone()
    {
        _peers.Set("k/1", Peers(("a", "ws://a/"), ("b", "ws://b/")));
        _peers.Set("l/1", Peers(("a", "ws://a/"), ("b", "ws://b/"), ("c", "ws://c/")));
        Asked();
        _peers.Remove("k/1");
        Assert.Empty(Asked());
        _peers.Set("l/1", Peers(("a", "ws://a/"), ("b", "ws://b2/"), ("d", "ws://d/")));
        Assert.Equal(["release c", "want b ws://b2/", "want d ws://d/"], Asked());
        _peers.Remove("l/1");
        Assert.Equal(["release b", "release d"], Asked().Order());
        Assert.Empty(_peers.Of("l/1"));
    }

    private string[] Asked()
    {
        string[] asked = [.. _asked];
        _asked.Clear();
        return asked;
    }

    private static IEnumerable<Peer> Peers(params (string Server, string Address)[] peers) =>
        peers.Select((p, i) => new Peer { Replica = $"k/{i + 1}", Server = p.Server, Address = p.Address });
}
