using Notebook.Agent.Peers;
using Notebook.Links;

namespace Notebook.Agent.Tests.Peers;

/// <summary>Agents that know where each other are, in one process, over real sockets.</summary>
public sealed class PeerLinksTests
{
    private readonly ClusterKey _key = ClusterKey.Parse(ClusterKey.NewText(), "the test");

    [Fact]
    public async Task Two_agents_that_want_each_other_have_one_link_and_frames_arrive_in_order_both_ways()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        await using var b = await PeerAgent.StartAsync("b", _key);
        Assert.False(a.Links.TrySend("b", PeerBody.Raft, new byte[1]));
        await MeetAsync(a, b);
        const int count = 2_000;
        for (var i = 0; i < count; i++)
        {
            var (body, bytes) = (i % 3 == 0 ? PeerBody.Objects : PeerBody.Raft, BitConverter.GetBytes(i));
            Assert.True(a.Links.TrySend("b", body, bytes) && b.Links.TrySend("a", body, bytes), $"frame {i} was not sent");
            bytes.AsSpan().Clear();   // what was sent is not ours to change
        }

        for (var i = 0; i < count; i++)
        {
            foreach (var (at, from) in new[] { (a, "b"), (b, "a") })
            {
                var frame = await at.Frames.NextAsync($"frame {i}", _ => true);
                Assert.Equal((from, i % 3 == 0 ? PeerBody.Objects : PeerBody.Raft, i), (frame.Server, frame.Body, BitConverter.ToInt32(frame.Bytes)));
            }
        }

        Assert.Empty(a.Events.Unasked);
        Assert.Empty(b.Events.Unasked);
    }

    [Fact]
    public async Task The_end_of_either_agent_is_seen_by_the_other()
    {
        await using var b = await PeerAgent.StartAsync("b", _key);
        foreach (var id in (string[])["a", "c"])   // one that dials b, one that b dials
        {
            var other = await PeerAgent.StartAsync(id, _key);
            await MeetAsync(b, other);
            await other.DisposeAsync();
            await b.DownAsync(id);
            Assert.False(b.Links.IsUp(id));
            Assert.False(b.Links.TrySend(id, PeerBody.Raft, new byte[1]));
        }
    }

    [Fact]
    public async Task An_agent_that_comes_back_at_the_same_address_is_found_again()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        var b = await PeerAgent.StartAsync("b", _key);
        await MeetAsync(a, b);
        var address = b.Address;
        await b.DisposeAsync();
        await a.DownAsync("b");
        await using var again = await PeerAgent.StartAsync("b", _key, at: address);
        await a.UpAsync("b");
        await again.UpAsync("a");
    }

    [Fact]
    public async Task An_agent_that_comes_back_elsewhere_is_found_when_its_address_is_told()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        var b = await PeerAgent.StartAsync("b", _key);
        await MeetAsync(a, b);
        await using var again = await PeerAgent.StartAsync("b", _key);
        await b.DisposeAsync();
        await a.DownAsync("b");
        a.Links.Want("b", again.Address);
        await a.UpAsync("b");
        await again.UpAsync("a");
    }

    [Fact]
    public async Task A_link_that_is_needed_no_more_ends_on_both_sides()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        await using var b = await PeerAgent.StartAsync("b", _key);
        await MeetAsync(a, b);
        b.Links.Release("a");   // not its to end
        Assert.True(b.Links.IsUp("a"));
        a.Links.Release("b");
        await a.DownAsync("b");
        await b.DownAsync("a");
        a.Links.Want("b", b.Address);
        await a.UpAsync("b");
    }

    [Fact]
    public async Task Behind_a_wall_one_link_of_three_is_down_and_comes_back_when_it_opens()
    {
        await using var a = await PeerAgent.StartAsync("a", _key);
        await using var b = await PeerAgent.StartAsync("b", _key);
        await using var c = await PeerAgent.StartAsync("c", _key);
        await MeetAsync(a, b);
        await MeetAsync(b, c);
        await MeetAsync(a, c);
        a.Dialer.Wall("b");
        Assert.Contains("the test's wall", await a.DownAsync("b"), StringComparison.Ordinal);
        await b.DownAsync("a");
        await a.Log.WithAsync("No link with agent 'b'");
        Assert.True(a.Links.IsUp("c") && b.Links.IsUp("c") && !a.Links.IsUp("b") && !b.Links.IsUp("a"));
        a.Dialer.Open("b");
        await a.UpAsync("b");
        await b.UpAsync("a");
    }

    [Fact]
    public async Task A_newer_link_of_an_agent_takes_the_place_of_an_older_one_in_order()
    {
        await using var b = await PeerAgent.StartAsync("b", _key);
        var dialer = new LinkDialer(new PeerIdentity("agent", "a"), _key, TimeProvider.System);
        await using var first = await dialer.DialAsync(b.Address, LinkPurpose.Peer, CancellationToken.None);
        await b.UpAsync("a");
        await using var second = await dialer.DialAsync(b.Address, LinkPurpose.Peer, CancellationToken.None);
        string[] events = [await b.Events.NextAsync("the first ends", _ => true), await b.Events.NextAsync("the second is up", _ => true)];
        Assert.Equal(["a down: a newer link took its place", "a up"], events);
        Assert.True(b.Links.IsUp("a"));
    }

    [Fact]
    public void Nobody_wants_a_link_to_itself() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PeerLinks(
            new PeerIdentity("agent", "a"), null!, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<PeerLinks>.Instance)
            .Want("a", new Uri("ws://127.0.0.1:1/")));

    private static async Task MeetAsync(PeerAgent one, PeerAgent other)
    {
        one.Meet(other);
        await one.UpAsync(other.Id);
        await other.UpAsync(one.Id);
    }
}
