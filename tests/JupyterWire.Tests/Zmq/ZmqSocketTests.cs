using Notebook.JupyterWire.Zmq;
using Xunit;

namespace Notebook.JupyterWire.Tests.Zmq;

public sealed class ZmqSocketTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly ZmqContext _context = new();

    public void Dispose() => _context.Dispose();

    private static List<ReadOnlyMemory<byte>> Receive(ZmqSocket socket)
    {
        Assert.True(new ZmqPoller(socket).Wait(s_limit), "no message came");
        return socket.TryReceive()!;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(70_000)]
    [InlineData(5_000_000)]
    public void A_dealer_and_a_router_talk_in_frames_of_any_size(int size)
    {
        using var router = new ZmqSocket(_context, ZmqSocketType.Router);
        using var dealer = new ZmqSocket(_context, ZmqSocketType.Dealer).Set(ZmqOption.RoutingId, "me");
        router.Bind("tcp://127.0.0.1:*");
        dealer.Connect(router.LastEndpoint.TrimEnd('\0'));
        var frame = new byte[size];
        new Random(3).NextBytes(frame);

        Assert.True(dealer.TrySend([frame, "more"u8.ToArray()]));
        var asked = Receive(router);
        Assert.Equal([[.. "me"u8], frame, [.. "more"u8]], asked.Select(f => f.ToArray()));
        Assert.True(router.TrySend(asked));
        Assert.Equal([frame, [.. "more"u8]], Receive(dealer).Select(f => f.ToArray()));
        Assert.Null(dealer.TryReceive());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000_000)]
    public void A_borrowed_frame_is_as_it_was_after_its_socket_is_gone(int size)
    {
        var frame = new byte[size];
        new Random(4).NextBytes(frame);
        List<ReadOnlyMemory<byte>> frames;
        using (var one = new ZmqSocket(_context, ZmqSocketType.Pair))
        using (var other = new ZmqSocket(_context, ZmqSocketType.Pair))
        {
            one.Bind("inproc://borrowed");
            other.Connect("inproc://borrowed");
            Assert.True(one.TrySend([frame, "more"u8.ToArray()]));
            Assert.True(new ZmqPoller(other).Wait(s_limit), "no message came");
            frames = other.TryReceive(borrow: true)!;
        }

        using (var pin = frames[0].Pin()) GC.Collect();
        Assert.True(frames[0].Span.SequenceEqual(frame));
        Assert.True(frames[1].Span.SequenceEqual("more"u8));
        GC.KeepAlive(frames);
    }

    [Fact]
    public void A_full_socket_says_so()
    {
        using var lonely = new ZmqSocket(_context, ZmqSocketType.Dealer);
        Assert.False(lonely.TrySend([new byte[] { 1 }]));
        Assert.False(lonely.TrySend([new byte[100_000]]));
    }

    [Fact]
    public void Errors_name_the_call_and_the_address()
    {
        using var socket = new ZmqSocket(_context, ZmqSocketType.Sub);
        var e = Assert.Throws<ZmqException>(() => socket.Connect("nothing://here"));
        Assert.Contains("nothing://here", e.Message);
        Assert.Throws<ZmqException>(() => socket.TrySend([new byte[] { 1 }]));
    }
}
