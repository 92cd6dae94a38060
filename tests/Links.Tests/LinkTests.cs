namespace Notebook.Links.Tests;

/// <summary>What holds for a link once it is open.</summary>
public sealed class LinkTests
{
    [Fact]
    public async Task Messages_arrive_whole_and_in_order_both_ways()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        const int Count = 5000;
        for (var i = 1; i <= Count; i++)
        {
            Assert.True(dialled.TrySend(Numbered(i)));
            Assert.True(accepted.TrySend(Numbered(i)));
        }

        await Task.WhenAll(ExpectAsync(dialled, Count), ExpectAsync(accepted, Count)).Within("all messages arrived");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(20_000_000)]
    public async Task Frames_of_any_size_arrive_as_they_were(int size)
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        var frame = new byte[size];
        new Random(42).NextBytes(frame);
        Assert.True(dialled.TrySend(frame));
        await foreach (var received in accepted.ReadAsync())
        {
            Assert.True(received.Span.SequenceEqual(frame));
            Assert.True(accepted.ReceivedBytes > size);
            break;
        }
    }

    [Fact]
    public async Task The_first_reason_for_the_end_is_the_one_that_counts()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        dialled.Break("first");
        dialled.Break("second");
        Assert.Equal("first", await dialled.Closed);
        Assert.False(dialled.TrySend(Numbered(1)));
        await Assert.ThrowsAsync<LinkException>(async () => await dialled.SendAsync(Numbered(1)));
        await foreach (var _ in accepted.ReadAsync()) Assert.Fail("nothing was sent");
        Assert.Contains("agent 'dialler'", await accepted.Closed.Within("the other side notices"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_makes_senders_wait_within_the_bound()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        var frame = new Register { DataAddress = new string('x', 1 << 20) };
        var sent = 0;
        Task? waiting = null;
        while (waiting is null)
        {
            var sending = dialled.SendAsync(frame).AsTask();
            sent++;
            if (!sending.IsCompleted) waiting = sending;
            Assert.True(sent < 400, "400 MiB were taken although nobody reads");
        }

        Assert.False(dialled.TrySend(new Register { DataAddress = new string('x', 2 << 20) }));   // full is said at once, too
        var received = 0;
        await foreach (var _ in accepted.ReadAsync())
        {
            if (++received == sent) break;
        }

        await waiting.Within("the sender goes on when there is room");
    }

    [Fact]
    public async Task A_frame_that_is_no_message_ends_the_link_and_says_so()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        Assert.True(dialled.TrySend(new byte[] { 0xff, 0xff, 0xff, 0xff }));
        await foreach (var _ in accepted.ReadAsync(AgentToSilo.Parser)) Assert.Fail("noise was taken for a message");
        Assert.Contains("agent 'dialler' sent a frame that is no AgentToSilo", await accepted.Closed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiting_sender_hears_that_the_link_is_gone()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, _) = await listener.ConnectAsync();
        var frame = new Register { DataAddress = new string('x', 1 << 20) };
        Task sending;
        do sending = dialled.SendAsync(frame).AsTask();
        while (sending.IsCompleted);
        dialled.Break("enough");
        var error = await Assert.ThrowsAsync<LinkException>(() => sending.Within("the sender is woken"));
        Assert.Contains("enough", error.Message, StringComparison.Ordinal);
    }

    private static AgentToSilo Numbered(int number) => new() { Heartbeat = new Load { WarmProcesses = number } };

    private static async Task ExpectAsync(Link link, int count)
    {
        var next = 1;
        await foreach (var message in link.ReadAsync(AgentToSilo.Parser))
        {
            Assert.Equal(next, message.Heartbeat.WarmProcesses);
            if (next++ == count) break;
        }
    }
}
