using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Notebook.Links;

/// <summary>
/// One authenticated connection between two of our processes: frames in order, both ways, until it breaks. A frame is
/// a length (32 bits, little-endian) and as many bytes; a WebSocket message carries one or more whole frames.
/// </summary>
public sealed class Link : IAsyncDisposable
{
    /// <summary>The largest frame, 640 MiB: the largest Jupyter message and what surrounds it.</summary>
    public const int MaxFrameBytes = 640 << 20;

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

    /// <summary>Sends a message without waiting.</summary>
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
        await foreach (var frame in ReadAsync(cancel))
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

            yield return message;
        }
    }

    /// <summary>The peer's frames in order; a frame's memory is valid until the next one is asked for. One reader only.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, _closing.Token);
        var buffer = new byte[16 << 10];
        while (true)
        {
            var length = 0;
            while (true)
            {
                ValueWebSocketReceiveResult part;
                try
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), both.Token);
                }
                catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
                {
                    Break(e is OperationCanceledException ? "closed here" : $"{Peer} is gone: {e.Message}");
                    yield break;
                }

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    Break($"{Peer} closed the link");
                    yield break;
                }

                length += part.Count;
                Volatile.Write(ref _receivedBytes, _receivedBytes + part.Count);   // one reader only
                if (part.EndOfMessage) break;
                if (length < buffer.Length) continue;
                if (length > MaxFrameBytes + MaxOutboxBytes)
                {
                    Break($"{Peer} sent more than {MaxFrameBytes} bytes in one message");
                    yield break;
                }

                buffer = Longer(buffer);
            }

            var at = 0;
            while (at < length)
            {
                var size = length - at < sizeof(uint) ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at));
                if (size > MaxFrameBytes || size > length - at - sizeof(uint))
                {
                    Break($"{Peer} sent a frame with a wrong length");
                    yield break;
                }

                yield return buffer.AsMemory(at + sizeof(uint), (int)size);
                at += sizeof(uint) + (int)size;
            }

            if (buffer.Length > 4 << 20) buffer = new byte[16 << 10];   // do not keep the room of one huge frame
        }
    }

    /// <summary>With more room, and all that its first frame says it needs.</summary>
    private static byte[] Longer(byte[] buffer)
    {
        var first = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(buffer), MaxFrameBytes);
        var longer = GC.AllocateUninitializedArray<byte>(checked((int)Math.Max(buffer.Length * 2L, first + sizeof(uint) + 1)));
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
