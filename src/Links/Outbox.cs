using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using Google.Protobuf;

namespace Notebook.Links;

/// <summary>
/// Frames on their way out. Whoever adds a frame to an idle outbox writes it at once on its own thread, so a lone
/// message pays for no hand-over; frames that come meanwhile leave together in the next write. Bounded in bytes.
/// </summary>
internal sealed class Outbox(WebSocket socket, long limit, Action<string> broken, CancellationToken stop)
{
    private const int PrefixLength = sizeof(uint);
    private const int PieceBytes = 1 << 20;   // the WebSocket copies what it writes at once
    private readonly Lock _lock = new();
    private ArrayBufferWriter<byte> _pending = new(4096);
    private ArrayBufferWriter<byte> _writing = new(4096);
    private TaskCompletionSource? _room;
    private bool _busy;

    public bool TryAdd(IMessage message) => TryAdd(message.CalculateSize(), span => message.WriteTo(span));

    public bool TryAdd(ReadOnlyMemory<byte> frame) => TryAdd(frame.Length, span => frame.Span.CopyTo(span));

    /// <summary>Completes when a frame of this size may be tried again; a frame over the limit is let through an empty outbox.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
        {
            return _pending.WrittenCount == 0 ? Task.CompletedTask : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private delegate void Writer(Span<byte> span);

    private bool TryAdd(int size, Writer write)
    {
        lock (_lock)
        {
            if (_pending.WrittenCount > 0 && _pending.WrittenCount + (long)size > limit) return false;
            BinaryPrimitives.WriteUInt32LittleEndian(_pending.GetSpan(PrefixLength), (uint)size);
            _pending.Advance(PrefixLength);
            if (size > 0)
            {
                write(_pending.GetSpan(size)[..size]);
                _pending.Advance(size);
            }

            if (_busy) return true;
            _busy = true;
        }

        _ = DrainAsync();
        return true;
    }

    private async Task DrainAsync()
    {
        try
        {
            while (true)
            {
                TaskCompletionSource? room;
                lock (_lock)
                {
                    if (_pending.WrittenCount == 0)
                    {
                        _busy = false;
                        return;
                    }

                    (_pending, _writing) = (_writing, _pending);
                    (room, _room) = (_room, null);
                }

                room?.SetResult();
                for (var rest = _writing.WrittenMemory; !rest.IsEmpty;)
                {
                    var piece = rest[..Math.Min(PieceBytes, rest.Length)];
                    rest = rest[piece.Length..];
                    await socket.SendAsync(piece, WebSocketMessageType.Binary, endOfMessage: rest.IsEmpty, stop);
                }

                if (_writing.Capacity > 1 << 20) _writing = new(4096);   // do not keep the room of one huge frame
                else _writing.ResetWrittenCount();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            broken($"cannot write: {e.Message}");
            lock (_lock)
            {
                _room?.TrySetResult();   // the writer that waits finds the link closed
                _room = null;
            }
        }
    }
}
