using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Links;

/// <summary>
/// One authenticated connection between two of our processes: frames in order, both ways, until it breaks. A frame is
/// its head (<see cref="FrameHead"/>) and as many bytes as that says; a WebSocket message carries one or more whole frames.
/// A large Jupyter message leaves in parts, one such message at a time: messages about the same replica wait behind it,
/// those about others pass it.
/// </summary>
public sealed class Link : IAsyncDisposable
{
    /// <summary>The largest frame, 640 MiB: the largest Jupyter message and what surrounds it.</summary>
    public const int MaxFrameBytes = 640 << 20;

    /// <summary>Jupyter messages whose content and buffers have as many bytes travel in parts, and are not copied, 1 MiB.</summary>
    public const int LargeFrom = SocketMessage.LargeFrom;

    /// <summary>Of a large message, as many bytes have to be missing that it is worth handing it out before it is whole, 4 MiB.</summary>
    public const long EarlyFrom = 4 << 20;

    /// <summary>How much may wait to be written before senders have to wait, 64 MiB.</summary>
    public const long MaxOutboxBytes = 64 << 20;

    private readonly WebSocket _socket;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Outbox _outbox;
    private long _receivedBytes;

    internal Link(WebSocket socket, PeerIdentity peer, string purpose)
    {
        (_socket, Peer, Purpose) = (socket, peer, purpose);
        _outbox = new Outbox(socket, MaxOutboxBytes, Break, _closing.Token);
    }

    /// <summary>Who is on the other side; proven by the handshake.</summary>
    public PeerIdentity Peer { get; }

    /// <summary>What the link is for, one of <see cref="LinkPurpose"/>.</summary>
    public string Purpose { get; }

    /// <summary>Completes with the first reason when the link is gone.</summary>
    public Task<string> Closed => _closed.Task;

    /// <summary>
    /// How much has arrived, also of a frame that is not whole yet; grows only while somebody reads. A number that stands
    /// still is a silent peer.
    /// </summary>
    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    /// <summary>
    /// Sends a message without waiting. Content and buffers of a Jupyter message from <see cref="LargeFrom"/> on must not be
    /// changed any more; others are copied.
    /// </summary>
    /// <returns>False when the link is gone or the peer does not keep up: nothing was sent.</returns>
    public bool TrySend(IMessage message) => !_closed.Task.IsCompleted && _outbox.TryAdd(message);

    /// <summary>Sends a message; waits while the peer does not keep up.</summary>
    /// <exception cref="LinkException">The link is gone.</exception>
    public async ValueTask SendAsync(IMessage message, CancellationToken cancel = default)
    {
        while (!TrySend(message)) await WaitForRoomAsync(cancel);
    }

    /// <summary>Sends a frame of bytes without waiting.</summary>
    /// <returns>False when the link is gone or the peer does not keep up: nothing was sent.</returns>
    public bool TrySend(ReadOnlyMemory<byte> frame) => !_closed.Task.IsCompleted && _outbox.TryAdd(frame);

    /// <summary>The peer's messages in order; ends when the link is gone (see <see cref="Closed"/>). One reader only.</summary>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancel = default)
        where T : IMessage<T>
    {
        await foreach (var (message, _) in ReadArrivingAsync(parser, null, null, cancel)) yield return message;
    }

    /// <summary>The peer's messages in order, of which the buffers of large ones are put in a place of their own while they arrive.</summary>
    /// <param name="parser">Reads the messages.</param>
    /// <param name="placeOf">Makes the place for buffers of these lengths; null where arrays will do.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        MessageParser<T> parser, Func<IReadOnlyList<int>, IBuffersPlace?> placeOf, [EnumeratorCancellation] CancellationToken cancel = default)
        where T : IMessage<T>
    {
        await foreach (var (message, _) in ReadArrivingAsync(parser, null, placeOf, cancel)) yield return message;
    }

    /// <summary>
    /// As <see cref="ReadAsync{T}(MessageParser{T}, CancellationToken)"/>, but a large message may come as soon as its content is there, and its buffers fill while
    /// the reader goes on: it has to go on. Until <see cref="PartsArrival"/> says so, what is in them is nothing.
    /// </summary>
    /// <param name="parser">Reads the messages.</param>
    /// <param name="mayBeEarly">Whether a message may come before it is whole, by what surrounds its content and buffers; null where none may.</param>
    /// <param name="cancel">Ends it.</param>
    public IAsyncEnumerable<(T Message, PartsArrival? Arrival)> ReadArrivingAsync<T>(
        MessageParser<T> parser, Func<T, bool>? mayBeEarly, CancellationToken cancel = default)
        where T : IMessage<T> => ReadArrivingAsync(parser, mayBeEarly, null, cancel);

    private async IAsyncEnumerable<(T Message, PartsArrival? Arrival)> ReadArrivingAsync<T>(
        MessageParser<T> parser, Func<T, bool>? mayBeEarly, Func<IReadOnlyList<int>, IBuffersPlace?>? placeOf, [EnumeratorCancellation] CancellationToken cancel)
        where T : IMessage<T>
    {
        var isEarly = mayBeEarly is null ? null : new Func<byte[], bool>(around =>
        {
            try
            {
                return mayBeEarly(parser.ParseFrom(around));
            }
            catch (InvalidProtocolBufferException)
            {
                return false;   // it is refused when it is whole
            }
        });
        await foreach (var (frame, parts, arrival) in ReadFramesAsync(isEarly, placeOf, cancel))
        {
            T message;
            try
            {
                message = parser.ParseFrom(frame.Span);
            }
            catch (InvalidProtocolBufferException e)
            {
                Break($"{Peer} sent a frame that is no {typeof(T).Name}: {e.Message}");
                yield break;
            }

            if (parts is not null && LargeParts.Attach(message, parts) is { } fault)
            {
                Break($"{Peer} sent something wrong: {fault}");
                yield break;
            }

            yield return (message, arrival);
        }
    }

    /// <summary>The peer's frames in order; a frame's memory is valid until the next one is asked for. One reader only.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var (frame, parts, _) in ReadFramesAsync(null, null, cancel))
        {
            if (parts is not null)
            {
                Break($"{Peer} sent a message in parts on a link that has none such");
                yield break;
            }

            yield return frame;
        }
    }

    private async IAsyncEnumerable<(ReadOnlyMemory<byte> Frame, ReadOnlyMemory<byte>[]? Parts, PartsArrival? Arrival)> ReadFramesAsync(
        Func<byte[], bool>? mayBeEarly, Func<IReadOnlyList<int>, IBuffersPlace?>? placeOf, [EnumeratorCancellation] CancellationToken cancel)
    {
        var unfinished = new Unfinished();
        try
        {
            await foreach (var frame in ReadFramesAsync(mayBeEarly, placeOf, unfinished, cancel)) yield return frame;
        }
        finally
        {
            unfinished.Arrival?.Break();
            unfinished.Message?.Abandon();
        }
    }

    /// <summary>The large message that is not whole yet.</summary>
    private sealed class Unfinished
    {
        public ArrivingMessage? Message { get; set; }

        public bool IsWanted { get; set; }

        public PartsArrival? Arrival { get; set; }
    }

    private async IAsyncEnumerable<(ReadOnlyMemory<byte> Frame, ReadOnlyMemory<byte>[]? Parts, PartsArrival? Arrival)> ReadFramesAsync(
        Func<byte[], bool>? mayBeEarly, Func<IReadOnlyList<int>, IBuffersPlace?>? placeOf, Unfinished unfinished, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, _closing.Token);
        var buffer = new byte[16 << 10];
        while (true)
        {
            var (length, isPart, hasEnded) = (0, false, false);
            while (!hasEnded && !isPart)
            {
                if (length > MaxFrameBytes + MaxOutboxBytes)
                {
                    Break($"{Peer} sent more than {MaxFrameBytes} bytes in one message");
                    yield break;
                }

                if (length == buffer.Length) buffer = Longer(buffer);
                if (await TryReceiveAsync(buffer.AsMemory(length), both.Token) is not { } piece) yield break;
                length += piece.Count;
                hasEnded = piece.EndOfMessage;
                isPart = length >= FrameHead.Length && FrameHead.Read(buffer).Kind == FrameKind.Part;
            }

            var arriving = unfinished.Message;
            if (isPart)
            {
                var left = FrameHead.Read(buffer).Size - (length - FrameHead.Length);
                if (arriving is null || left < 0 || left > arriving.Missing - (length - FrameHead.Length))
                {
                    Break($"{Peer} sent a part of a large message that is {(arriving is null ? "of none" : "longer than what is missing")}");
                    yield break;
                }

                arriving.Take(buffer.AsSpan(FrameHead.Length, length - FrameHead.Length));
                while (left > 0 && !hasEnded && arriving.Fault is null)
                {
                    var room = arriving.Room;
                    if (await TryReceiveAsync(room[..Math.Min(left, room.Length)], both.Token) is not { } piece) yield break;
                    arriving.Advance(piece.Count);
                    left -= piece.Count;
                    hasEnded = piece.EndOfMessage;
                }

                if (arriving.Fault is { } reason)
                {
                    Break(reason);
                    yield break;
                }

                if (left > 0 || !hasEnded)
                {
                    Break($"{Peer} sent a part of a large message with a wrong length");
                    yield break;
                }

                if (arriving.Missing == 0) unfinished.Message = null;
                unfinished.Arrival?.Tell(arriving.Missing);
                if (unfinished.Arrival is null && (arriving.Missing == 0 || (unfinished.IsWanted && arriving.HasContent)))
                {
                    if (arriving.Missing > 0) unfinished.Arrival = new(arriving.Missing);
                    yield return (arriving.Around, arriving.Parts, unfinished.Arrival);
                }

                if (arriving.Missing == 0) unfinished.Arrival = null;
                continue;
            }

            for (var at = 0; at < length;)
            {
                var (kind, size) = length - at < FrameHead.Length ? (default, int.MaxValue) : FrameHead.Read(buffer.AsSpan(at));
                if (kind is not (FrameKind.Whole or FrameKind.Beginning) || size > MaxFrameBytes || size > length - at - FrameHead.Length)
                {
                    Break($"{Peer} sent a frame with a wrong length");
                    yield break;
                }

                var frame = buffer.AsMemory(at + FrameHead.Length, size);
                at += FrameHead.Length + size;
                if (kind == FrameKind.Whole)
                {
                    yield return (frame, null, null);
                    continue;
                }

                string? fault = "one large message began before the last was whole";
                if (arriving is null) arriving = unfinished.Message = ArrivingMessage.TryBegin(frame.Span, MaxFrameBytes, placeOf, out fault);
                unfinished.IsWanted = arriving?.Missing >= EarlyFrom && mayBeEarly?.Invoke(arriving.Around) == true;
                if (fault is null) continue;
                Break($"{Peer} sent something wrong: {fault}");
                yield break;
            }

            if (buffer.Length > 4 << 20) buffer = new byte[16 << 10];   // do not keep the room of one huge frame
        }
    }

    /// <summary>Null when the link is gone: it is broken then.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ValueWebSocketReceiveResult?> TryReceiveAsync(Memory<byte> room, CancellationToken cancel)
    {
        try
        {
            var piece = await _socket.ReceiveAsync(room, cancel);
            if (piece.MessageType == WebSocketMessageType.Close)
            {
                Break($"{Peer} closed the link");
                return null;
            }

            Volatile.Write(ref _receivedBytes, _receivedBytes + piece.Count);   // one reader only
            return piece;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            Break(e is OperationCanceledException ? "closed here" : $"{Peer} is gone: {e.Message}");
            return null;
        }
    }

    /// <summary>With more room, and all that its first frame says it needs.</summary>
    private static byte[] Longer(byte[] buffer)
    {
        var first = Math.Min(FrameHead.Read(buffer).Size, MaxFrameBytes);
        var longer = GC.AllocateUninitializedArray<byte>(checked((int)Math.Max(buffer.Length * 2L, first + FrameHead.Length + 1)));
        buffer.CopyTo(longer, 0);
        return longer;
    }

    /// <summary>Ends the link; the peer sees it close.</summary>
    public void Break(string reason)
    {
        if (!_closed.TrySetResult(reason)) return;
        _closing.Cancel();
        _socket.Abort();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Break("closed here");
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WaitForRoomAsync(CancellationToken cancel)
    {
        if (_closed.Task.IsCompleted) throw new LinkException($"the link to {Peer} is gone: {await _closed.Task}");
        await Task.WhenAny(_outbox.RoomAsync(), _closed.Task).WaitAsync(cancel);
    }
}
