using System.Net.WebSockets;
using Google.Protobuf;

namespace Notebook.Links.Tests;

/// <summary>Messages whose bytes travel in parts.</summary>
public sealed class LargeMessageTests
{
    private const int MoreThanTheNetworkHolds = 100 << 20;
    private const string Mine = "mine", Others = "another's";

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
