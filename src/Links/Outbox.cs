using System.Buffers;
using System.Net.WebSockets;
using Google.Protobuf;

namespace Notebook.Links;

/// <summary>
/// Frames on their way out. Whoever adds a frame to an idle outbox writes it at once on its own thread, so a lone
/// message pays for no hand-over; frames that come meanwhile leave together in the next write. A large message leaves in
/// parts, one at a time, and what others have to say leaves between them:
/// <code>
///  pending  small messages                          ── all that there are ──┐
///  waiting  large messages, and small ones of        ── the next part of ────┴──▶ socket
///           the same replicas behind them               the first
/// </code>
/// Both are bounded in bytes.
/// </summary>
internal sealed class Outbox(WebSocket socket, long limit, Action<string> broken, CancellationToken stop)
{
    private const int PieceBytes = 1 << 20;   // the WebSocket copies what it writes at once
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = [];
    private readonly Dictionary<string, int> _behind = [];   // by replica, how many of its messages wait
    private readonly byte[] _partHead = new byte[FrameHead.Length];
    private ArrayBufferWriter<byte> _pending = new(4096);
    private ArrayBufferWriter<byte> _writing = new(4096);
    private long _waitingBytes;   // without the large message that is under way
    private DepartingMessage? _departing;
    private string _departingOf = "";
    private TaskCompletionSource? _room;
    private bool _busy;

    private readonly record struct Waiting(string Replica, long Bytes, ReadOnlyMemory<byte> Small, DepartingMessage? Large);

    public bool TryAdd(IMessage message)
    {
        var large = LargeParts.BytesOf(message);
        var isLarge = large >= Link.LargeFrom;
        var size = isLarge ? 0 : message.CalculateSize();
        lock (_lock)
        {
            if (message is ICarriesJupyter about && (isLarge || _behind.ContainsKey(about.Replica)))
            {
                var bytes = isLarge ? large : size;
                if (_waitingBytes > 0 && _waitingBytes + bytes > limit) return false;
                _waiting.Enqueue(new(about.Replica, bytes, isLarge ? default : message.ToByteArray(), isLarge ? new(about) : null));
                _waitingBytes += bytes;
                _behind[about.Replica] = _behind.GetValueOrDefault(about.Replica) + 1;
            }
            else if (!TryAppend_NeedsLock(size, span => message.WriteTo(span)))
            {
                return false;
            }

            if (_busy) return true;
            _busy = true;
        }

        _ = DrainAsync();
        return true;
    }

    public bool TryAdd(ReadOnlyMemory<byte> frame)
    {
        lock (_lock)
        {
            if (!TryAppend_NeedsLock(frame.Length, span => frame.Span.CopyTo(span))) return false;
            if (_busy) return true;
            _busy = true;
        }

        _ = DrainAsync();
        return true;
    }

    /// <summary>Completes when something has left, and a frame may be tried again; a frame over the limit is let through an empty outbox.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
        {
            return _pending.WrittenCount == 0 && _waitingBytes == 0
                ? Task.CompletedTask
                : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private delegate void Writer(Span<byte> span);

    private bool TryAppend_NeedsLock(int size, Writer write)
    {
        if (_pending.WrittenCount > 0 && _pending.WrittenCount + (long)size > limit) return false;
        Append_NeedsLock(FrameKind.Whole, size, write);
        return true;
    }

    private void Append_NeedsLock(FrameKind kind, int size, Writer write)
    {
        FrameHead.Write(_pending.GetSpan(FrameHead.Length), kind, size);
        _pending.Advance(FrameHead.Length);
        if (size == 0) return;
        write(_pending.GetSpan(size)[..size]);
        _pending.Advance(size);
    }

    // Small messages whose turn it is are pending from now on, and a large one is under way.
    private void TakeWaiting_NeedsLock()
    {
        while (_departing is null && _waiting.TryDequeue(out var next))
        {
            _waitingBytes -= next.Bytes;
            if (next.Large is { } large)
            {
                (_departing, _departingOf) = (large, next.Replica);
                Append_NeedsLock(FrameKind.Beginning, large.Beginning.Length, span => large.Beginning.CopyTo(span));
            }
            else
            {
                Append_NeedsLock(FrameKind.Whole, next.Small.Length, span => next.Small.Span.CopyTo(span));
                HasLeft_NeedsLock(next.Replica);
            }
        }
    }

    private void HasLeft_NeedsLock(string replica)
    {
        if (_behind[replica] == 1) _behind.Remove(replica);
        else _behind[replica]--;
    }

    private async Task DrainAsync()
    {
        try
        {
            while (true)
            {
                TaskCompletionSource? room;
                bool isIdle;
                lock (_lock)
                {
                    TakeWaiting_NeedsLock();
                    isIdle = _pending.WrittenCount == 0 && _departing is null;
                    if (isIdle) _busy = false;
                    else (_pending, _writing) = (_writing, _pending);
                    (room, _room) = (_room, null);
                }

                room?.SetResult();
                if (isIdle) return;
                for (var rest = _writing.WrittenMemory; !rest.IsEmpty;)
                {
                    var piece = rest[..Math.Min(PieceBytes, rest.Length)];
                    rest = rest[piece.Length..];
                    await socket.SendAsync(piece, WebSocketMessageType.Binary, endOfMessage: rest.IsEmpty, stop);
                }

                if (_writing.Capacity > 1 << 20) _writing = new(4096);   // do not keep the room of one huge frame
                else _writing.ResetWrittenCount();
                if (_departing is { } departing) await SendPartAsync(departing);
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

    private async ValueTask SendPartAsync(DepartingMessage departing)
    {
        var part = departing.Next(PieceBytes);
        FrameHead.Write(_partHead, FrameKind.Part, part.Length);
        await socket.SendAsync(_partHead.AsMemory(), WebSocketMessageType.Binary, endOfMessage: false, stop);
        await socket.SendAsync(part, WebSocketMessageType.Binary, endOfMessage: true, stop);
        if (!departing.HasLeft) return;
        lock (_lock)
        {
            HasLeft_NeedsLock(_departingOf);
            _departing = null;
        }
    }
}
