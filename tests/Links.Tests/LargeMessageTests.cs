using System.Net.WebSockets;
using Google.Protobuf;

namespace Notebook.Links.Tests;

/// <summary>Messages whose bytes travel in parts.</summary>
public sealed class LargeMessageTests
{
    private const int MoreThanTheNetworkHolds = 100 << 20;
    private const string Mine = "mine", Others = "another's";
    private static readonly Task s_never = new TaskCompletionSource().Task;

    [Fact]
    public async Task Large_messages_arrive_as_they_were_in_their_replicas_order()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        int[][] messages = [[10], [3 << 20, 0, 1], [0, (1 << 20) + 1, 0, 5 << 20], [20], [1 << 20], [(1 << 20) - 1]];
        var sent = messages.Select((parts, number) => Message(Mine, number, parts)).ToArray();
        foreach (var message in sent) await accepted.SendAsync(message);
        foreach (var message in sent) await dialled.SendAsync(message);

        foreach (var side in (Link[])[dialled, accepted])
        {
            var received = await ReceiveAsync(side, sent.Length);
            Assert.True(sent.SequenceEqual(received), $"sent {string.Join(' ', sent.Select(m => m.Output.Number))}, received {string.Join(' ', received.Select(m => m.Output.Number))}");
        }
    }

    [Fact]
    public async Task What_others_say_passes_a_large_message_and_what_its_replica_says_does_not()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        _ = ReadOnAsync(dialled);
        Assert.True(dialled.TrySend(Message(Mine, 1, MoreThanTheNetworkHolds)));
        Assert.True(dialled.TrySend(Message(Mine, 2, 10)));
        Assert.True(dialled.TrySend(Message(Others, 1, 10)));
        Assert.True(dialled.TrySend(Message(Others, 2, 2 << 20)));
        Assert.True(dialled.TrySend(Message(Others, 3, 10)));

        var received = await ReceiveAsync(accepted, 5);
        Assert.Equal(
            [(Others, 1), (Mine, 1), (Mine, 2), (Others, 2), (Others, 3)],
            received.Select(m => (m.Replica, (int)m.Output.Number)));
    }

    [Fact]
    public async Task What_waits_behind_a_large_message_is_bounded_and_others_still_have_room()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        _ = ReadOnAsync(dialled);
        Assert.True(dialled.TrySend(Message(Mine, 1, MoreThanTheNetworkHolds)));
        var number = 1;
        while (dialled.TrySend(Message(Mine, number + 1, 900 << 10))) number++;
        Assert.InRange(number, 60, 80);   // 64 MiB
        Assert.True(dialled.TrySend(Message(Others, 1, 10)));
        var waiting = dialled.SendAsync(Message(Mine, number + 1, 900 << 10)).AsTask();
        Assert.False(waiting.IsCompleted);

        var received = await ReceiveAsync(accepted, number + 2);
        await waiting.Within("the sender goes on when there is room");
        Assert.Equal(Enumerable.Range(1, number + 1), received.Where(m => m.Replica == Mine).Select(m => (int)m.Output.Number));
    }

    [Fact]
    public async Task A_link_that_breaks_in_the_middle_gives_nothing_of_the_message()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        _ = ReadOnAsync(dialled);
        Assert.True(dialled.TrySend(Message(Mine, 1, MoreThanTheNetworkHolds)));
        Assert.True(dialled.TrySend(Message(Others, 1, 10)));
        await foreach (var message in accepted.ReadAsync(AgentToGateway.Parser))
        {
            Assert.Equal(Others, message.Replica);   // so the large one is under way
            dialled.Break("cut");
        }

        Assert.Contains("agent 'dialler'", await accepted.Closed.Within("the other side notices"), StringComparison.Ordinal);
        Assert.False(dialled.TrySend(Message(Mine, 2, 10)));
    }

    [Fact]
    public async Task A_message_may_be_handed_out_once_its_content_is_there_and_then_says_how_much_has_come()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        _ = ReadOnAsync(dialled);
        var large = Message(Mine, 1, 3 << 20, MoreThanTheNetworkHolds);
        AgentToGateway[] sent = [large, Message(Others, 1, 10), Message(Mine, 2, 10)];
        foreach (var message in sent) Assert.True(dialled.TrySend(message));

        var received = new List<AgentToGateway>();
        await foreach (var (message, arrival) in accepted.ReadArrivingAsync(AgentToGateway.Parser, _ => true))
        {
            received.Add(message);
            Assert.Equal(received.Count == 1, arrival is not null);
            if (arrival is not null)
            {
                Assert.InRange(arrival.Missing, Link.EarlyFrom, MoreThanTheNetworkHolds);
                Assert.True(message.Output.Message.Content.Equals(large.Output.Message.Content), "the content is not there");
                Assert.False(arrival.UntilAsync(0, s_never).IsCompleted);
            }

            if (received.Count == sent.Length) break;
        }

        Assert.Equal([(Mine, 1), (Others, 1), (Mine, 2)], received.Select(m => (m.Replica, (int)m.Output.Number)));
        Assert.True(received[0].Equals(large), "the message is not as it was");
    }

    [Fact]
    public async Task One_that_was_handed_out_and_breaks_says_so()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        _ = ReadOnAsync(dialled);
        Assert.True(dialled.TrySend(Message(Mine, 1, 10, MoreThanTheNetworkHolds)));
        PartsArrival? early = null;
        await foreach (var (_, arrival) in accepted.ReadArrivingAsync(AgentToGateway.Parser, _ => true))
        {
            early = arrival;
            dialled.Break("cut");
        }

        Assert.True(early is { HasBroken: true, Missing: > 0 });
        Assert.False(await early.UntilAsync(0, s_never));
        await early.Ended.Within("it has ended");
    }

    [Theory]
    [InlineData(false, MoreThanTheNetworkHolds)]
    [InlineData(true, Link.EarlyFrom - 11)]   // with ten of content
    public async Task One_that_may_not_be_early_or_is_not_worth_it_is_whole(bool mayBeEarly, int bytes)
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        _ = ReadOnAsync(dialled);
        var sent = Message(Mine, 1, 10, bytes);
        Assert.True(dialled.TrySend(sent));
        await foreach (var (message, arrival) in accepted.ReadArrivingAsync(AgentToGateway.Parser, _ => mayBeEarly))
        {
            Assert.Null(arrival);
            Assert.True(message.Equals(sent), "the message is not as it was");
            break;
        }
    }

    [Fact]
    public async Task Whoever_does_not_want_the_rest_does_not_wait_for_it()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(() => new PartsArrival(10).UntilAsync(9, Task.CompletedTask));
    }

    [Fact]
    public async Task Buffers_may_have_a_place_of_their_own()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        int[][] messages = [[10, 2 << 20], [3 << 20, 0, 1], [20, 5], [0, (1 << 20) + 1, 0, 5 << 20], [2 << 20]];
        var sent = messages.Select((parts, number) => Message(Mine, number, parts)).ToArray();
        foreach (var message in sent) await dialled.SendAsync(message);

        var places = new List<Place>();
        var received = await accepted.ReadAsync(AgentToGateway.Parser, lengths =>
        {
            if (lengths.Count == 0) return null;
            places.Add(new(lengths));
            return places[^1];
        }).Take(sent.Length).ToListAsync().AsTask().Within("all messages arrived");
        Assert.True(sent.SequenceEqual(received));
        Assert.Equal([[2 << 20], [0, 1], [(1 << 20) + 1, 0, 5 << 20]], places.Select(place => place.Lengths));
        Assert.All(places, place => Assert.True(place is { HasEnded: true, IsDisposed: false }));
    }

    [Fact]
    public async Task A_place_is_given_up_when_the_rest_does_not_come()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        _ = ReadOnAsync(dialled);
        Assert.True(dialled.TrySend(Message(Mine, 1, 10, MoreThanTheNetworkHolds)));
        Assert.True(dialled.TrySend(Message(Others, 1, 10)));
        Place? place = null;
        await foreach (var message in accepted.ReadAsync(AgentToGateway.Parser, lengths => place = new(lengths)))
        {
            Assert.Equal(Others, message.Replica);
            dialled.Break("cut");
        }

        Assert.True(place is { HasEnded: false, IsDisposed: true });
    }

    [Fact]
    public async Task A_place_without_room_ends_the_link_and_says_why()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        Assert.True(dialled.TrySend(Message(Mine, 1, 10, 3 << 20)));
        Place? place = null;
        await foreach (var message in accepted.ReadAsync(AgentToGateway.Parser, lengths => place = new(lengths) { Most = 2 << 20 })) Assert.Fail($"came: {message.Replica}");

        Assert.Contains("no room for a large message: full", await accepted.Closed, StringComparison.Ordinal);
        Assert.True(place!.IsDisposed);
    }

    /// <summary>Takes bytes in pieces of odd sizes.</summary>
    private sealed class Place(IReadOnlyList<int> lengths) : IBuffersPlace
    {
        private readonly byte[] _bytes = new byte[lengths.Sum()];
        private int _at;

        public IReadOnlyList<int> Lengths => lengths;

        public int Most { get; init; } = int.MaxValue;

        public bool HasEnded { get; private set; }

        public bool IsDisposed { get; private set; }

        public Memory<byte> Room => _bytes.AsMemory(_at, Math.Min(100_003, _bytes.Length - _at));

        public void Advance(int count)
        {
            _at += count;
            if (_at > Most) throw new IOException("full");
        }

        public IReadOnlyList<ReadOnlyMemory<byte>> End()
        {
            HasEnded = true;
            Assert.Equal(_bytes.Length, _at);
            var at = 0;
            return [.. lengths.Select(length => (ReadOnlyMemory<byte>)_bytes.AsMemory((at += length) - length, length))];
        }

        public void Dispose() => IsDisposed = true;
    }

    public static TheoryData<string, byte[][], string> Faults => new()
    {
        { "a part of none", [Part(10)], "is of none" },
        { "parts that are longer than announced", [Beginning(100), Part(60), Part(60)], "longer than what is missing" },
        { "a part that is longer than its head says", [Beginning(100), [.. Part(10), 1]], "longer than what is missing" },
        { "a part that is shorter than its head says", [Beginning(100), Part(10)[..^1]], "a wrong length" },
        { "a second one before the first is whole", [Beginning(100), Beginning(100)], "began before the last was whole" },
        { "lengths that are not there", [Frame(FrameKind.Beginning, [9, 0, 0, 0, 1, 0, 0, 0])], "too short for the lengths of its 9 parts" },
        { "no parts", [Frame(FrameKind.Beginning, [0, 0, 0, 0])], "0 parts" },
        { "empty parts", [Beginning(0)], "parts are empty" },
        { "more than a message may have", [Beginning(Link.MaxFrameBytes)], "at most" },
        { "parts for a message with other buffers", [Beginning(5, 5), Part(10)], "0 buffers came with 2 parts" },
        { "parts for what carries no Jupyter message", [Around(new AgentToGateway { Attached = new Attached() }, 5), Part(5)], "carries no Jupyter message" },
        { "parts for a message that has its own", [Around(Message(Mine, 1, 10), 5), Part(5)], "had some already" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_does_not_fit_ends_the_link_and_says_why(string what, byte[][] frames, string reason)
    {
        await using var listener = await Listener.StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(listener.Address, LinkListener.Path), CancellationToken.None);
        await Handshake.DialAsync(socket, new("agent", "dialler"), LinkPurpose.Agent, ClusterKey.Parse(Listener.Key, "test"), "", CancellationToken.None);
        var accepted = await listener.AcceptedAsync();
        foreach (var frame in frames) await socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        await foreach (var _ in accepted.ReadAsync(AgentToGateway.Parser)) Assert.Fail($"taken for a message: {what}");
        Assert.Contains(reason, await accepted.Closed, StringComparison.Ordinal);
    }

    private static async Task<List<AgentToGateway>> ReceiveAsync(Link link, int count)
    {
        var received = await link.ReadAsync(AgentToGateway.Parser).Take(count).ToListAsync().AsTask().Within("all messages arrived");
        Assert.True(received.Count == count, $"{received.Count} of {count} messages came: {(link.Closed.IsCompleted ? await link.Closed : "the link is up")}");
        return received;
    }

    /// <summary>As each side of a link does all the time: who does not read answers no ping, and counts as gone in the end.</summary>
    private static async Task ReadOnAsync(Link link)
    {
        await foreach (var message in link.ReadAsync(AgentToGateway.Parser)) Assert.Fail($"nothing was sent to this side: {message}");
    }

    private static AgentToGateway Message(string replica, int number, params int[] parts)
    {
        var random = new Random(number);
        ByteString Bytes(int size)
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            return UnsafeByteOperations.UnsafeWrap(bytes);
        }

        var frame = new JupyterFrame { Channel = Channel.Iopub, MessageId = $"{number}", Header = Bytes(100), Content = Bytes(parts[0]) };
        frame.Buffers.AddRange(parts[1..].Select(Bytes));
        return new() { Output = new Output { Replica = replica, Number = (ulong)number, Message = frame } };
    }

    private static byte[] Beginning(params int[] lengths) =>
        Around(new AgentToGateway { Output = new Output { Message = new JupyterFrame() } }, lengths);

    private static byte[] Around(AgentToGateway message, params int[] lengths) =>
        Frame(FrameKind.Beginning, [.. ((int[])[lengths.Length, .. lengths]).SelectMany(BitConverter.GetBytes), .. message.ToByteArray()]);

    private static byte[] Part(int size) => Frame(FrameKind.Part, new byte[size]);

    private static byte[] Frame(FrameKind kind, byte[] bytes)
    {
        var head = new byte[FrameHead.Length];
        FrameHead.Write(head, kind, bytes.Length);
        return [.. head, .. bytes];
    }
}
