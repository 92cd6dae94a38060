using Notebook.Agent.Tests.Peers;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

/// <summary>The silo says who the peers of a replica are; the agent links with theirs.</summary>
[Collection(AgentCollection.Name)]
public sealed class PeersOfReplicasTests(RunningAgent agent)
{
    [Fact]
    public async Task An_agent_links_with_the_agents_of_its_replicas_peers_as_the_silo_names_them()
    {
        await using var small = await PeerAgent.StartAsync("agent-0", agent.Key);
        await using var large = await PeerAgent.StartAsync("agent-2", agent.Key);
        await using var other = await PeerAgent.StartAsync("agent-3", agent.Key);
        var start = agent.StartOrder(agent.NewReplica(), 1);
        start.Peers.Add([At("agent-0", small), At("agent-1", null), At("agent-2", large)]);
        agent.Silo.Order(new() { Start = start });
        await large.UpAsync("agent-1");
        small.Links.Want("agent-1", agent.DataAddress);
        await small.UpAsync("agent-1");

        agent.Silo.Order(new() { Peers = new SetPeers { Replica = start.Replica, Peers = { At("agent-1", null), At("agent-3", other) } } });
        await other.UpAsync("agent-1");
        await large.DownAsync("agent-1");
        agent.Silo.Order(new() { Stop = new() { Replica = start.Replica } });
        await other.DownAsync("agent-1");
        Assert.True(small.Links.IsUp("agent-1"));   // its own to end
    }

    [Fact]
    public async Task A_gateway_gets_no_peer_link()
    {
        var dialer = new LinkDialer(new PeerIdentity("gateway", "g"), agent.Key, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<LinkRefusedException>(
            () => dialer.DialAsync(agent.DataAddress, LinkPurpose.Peer, CancellationToken.None));
        Assert.Contains("refused gateway 'g': agent 'agent-1' serves 'peer' to agents only", refused.Message, StringComparison.Ordinal);
    }

    private static Peer At(string server, PeerAgent? peer) =>
        new() { Replica = $"kernel/{server[^1]}", Server = server, Address = peer?.Address.ToString() ?? "" };
}
