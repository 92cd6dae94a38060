using Google.Protobuf;
using Notebook.Agent.Peers;
using Notebook.Links;
using Notebook.Links.Protocol;
using Notebook.TestKit;

namespace Notebook.Agent.Tests.Peers;

/// <summary>Peers that are not what they should be, or do not do what they should.</summary>
public sealed class StrangePeersTests
{
    private static readonly PeerIdentity s_b = new("agent", "b");
    private readonly ClusterKey _key = ClusterKey.Parse(ClusterKey.NewText(), "the test");

    [Fact]
    public async Task A_peer_with_another_cluster_key_gets_no_link_and_is_named()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        await using var b = await PeerAgent.StartAsync("b", ClusterKey.Parse(ClusterKey.NewText(), "the test"));
        a.Links.Want("b", b.Address);
        var line = await a.Log.WithAsync("another cluster key");
        Assert.Contains("agent 'b'", line, StringComparison.Ordinal);
        Assert.Contains("agent 'a'", await b.Log.WithAsync("another cluster key"), StringComparison.Ordinal);
        Assert.Empty(a.Events.Unasked);
        Assert.Empty(b.Events.Unasked);
    }

    [Fact]
    public async Task Another_agent_at_the_address_is_not_taken_for_the_one_that_is_wanted()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        await using var c = await PeerAgent.StartAsync("c", _key);
        a.Links.Want("b", c.Address);
        await a.Log.WithAsync("agent 'c' is there");
        Assert.Empty(a.Events.Unasked);
    }

    [Theory]
    [InlineData("gateway", "a", "to agents only")]
    [InlineData("silo", "a", "to agents only")]
    [InlineData("agent", "c", "the one with the smaller server id dials")]
    [InlineData("agent", "b", "the same server id")]
    public async Task Whoever_should_not_dial_is_refused_by_name(string role, string id, string reason)
    {
        await using var b = await PeerAgent.StartAsync("b", _key);
        var dialer = new LinkDialer(new PeerIdentity(role, id), _key, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<LinkRefusedException>(() => dialer.DialAsync(b.Address, LinkPurpose.Peer, CancellationToken.None));
        Assert.Contains($"refused {role} '{id}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        await b.Log.WithAsync(reason);
        Assert.Empty(b.Events.Unasked);
    }

    [Fact]
    public async Task Garbage_ends_the_link_and_the_next_one_is_tried()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        await using var b = await PeerListener.StartAsync(s_b, _key, new LogLines(), async (link, _) =>
        {
            link.TrySend(new byte[] { 0xFF, 0xFF, 0xFF });
            await link.Closed;
        });
        a.Links.Want("b", b.Address);
        await a.UpAsync("b");
        Assert.Contains("no PeerFrame", await a.DownAsync("b"), StringComparison.Ordinal);
        await a.UpAsync("b");
    }

    [Fact]
    public async Task An_agent_says_every_second_that_it_is_alive_and_gives_up_a_peer_that_does_not()
    {
        var clock = new ManualTimeProvider();
        await using var a = await PeerAgent.StartAsync("a", _key, clock);
        var frames = new Inbox<PeerFrame>();
        await using var b = await PeerListener.StartAsync(s_b, _key, new LogLines(), async (link, stop) =>
        {
            await foreach (var frame in link.ReadAsync(PeerFrame.Parser, stop)) frames.Add(frame);
        });
        a.Links.Want("b", b.Address);
        await a.UpAsync("b");
        clock.Advance(PeerPulse.Idle);
        Assert.Equal(PeerFrame.BodyOneofCase.None, (await frames.NextAsync("a ping", _ => true)).BodyCase);
        clock.Advance(PeerPulse.Silence - PeerPulse.Idle - PeerPulse.Interval);
        Assert.True(a.Links.IsUp("b"));
        clock.Advance(PeerPulse.Interval);
        Assert.Contains("agent 'b' said nothing for 4 s", await a.DownAsync("b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ping_is_heard_and_handed_to_nobody()
    {
        var clock = new ManualTimeProvider();
        await using var b = await PeerAgent.StartAsync("b", _key, clock);
        var dialer = new LinkDialer(new PeerIdentity("agent", "a"), _key, TimeProvider.System);
        await using var link = await dialer.DialAsync(b.Address, LinkPurpose.Peer, CancellationToken.None);
        await b.UpAsync("a");
        clock.Advance(PeerPulse.Silence - PeerPulse.Interval);
        link.TrySend(new PeerFrame());
        link.TrySend(new PeerFrame { Raft = ByteString.CopyFromUtf8("after the ping") });
        Assert.Equal("after the ping"u8.ToArray(), (await b.Frames.NextAsync("the frame", _ => true)).Bytes);
        clock.Advance(PeerPulse.Silence - PeerPulse.Interval);
        Assert.True(b.Links.IsUp("a"));
    }
}
