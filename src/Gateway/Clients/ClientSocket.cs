using System.Net.Sockets;
using System.Net.WebSockets;
using Notebook.Gateway.Kernels;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;
using Notebook.Links;

namespace Notebook.Gateway.Clients;

/// <summary>
/// One client's WebSocket. It reads on its request's thread; it writes on the thread of whoever has something for it,
/// until the client does not take more, and from then on its own. It never makes anybody wait: messages stay in the
/// kernel's <see cref="OutputLog"/>, in which this is a cursor.
/// </summary>
/// <remarks>
/// A client has what its connection took while it held; Jupyter's clients confirm nothing. The client may have a message
/// before the write of it has returned here, and drop its connection, and the reader may notice that first. So the reader
/// lets that write end by itself before the session counts as departed; aborted, it would count as failed and the client
/// that comes back would get the message twice. And a write may succeed although the connection has gone in the middle of
/// it: the server swallows what is written to one that is no more. So after each write the connection is looked at.
/// </remarks>
/// <param name="hub">The kernel.</param>
/// <param name="socket">The WebSocket.</param>
/// <param name="connection">The connection below it, where it is known.</param>
/// <param name="legacy">What there is to know of a client of the default framing; null for one of the v1 framing.</param>
/// <param name="options">The gateway's options.</param>
/// <param name="counters">The gateway's counters.</param>
/// <param name="time">The clock.</param>
internal sealed class ClientSocket(
    KernelHub hub, WebSocket socket, Socket? connection, LegacyClient? legacy, GatewayOptions options, GatewayCounters counters, TimeProvider time) : KernelClient
{
    private const int PieceBytes = 1 << 20;
    private const int FragmentsMost = 8;
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_roomCheck = TimeSpan.FromMilliseconds(20);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closeSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _readEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MessageRate _rate = new(options.MessagesPerSecond);
    private long _sendingSince;   // timestamp of the piece being written, 0 when none is
    private int _sendingBytes;    // its size

    public override int Connections => 1;

    public override bool TakesArriving => legacy is null;

    public override void Pump()
    {
        if (hub.TryBeginSending(this)) _ = SendAllAsync();
    }

    public override void CheckProgress()
    {
        var since = Interlocked.Read(ref _sendingSince);
        if (since == 0 || time.GetElapsedTime(since) < options.SendTimeout * Math.Max(1, Volatile.Read(ref _sendingBytes) / PieceBytes)) return;
        counters.Add(GatewayCounters.SlowClients);
        socket.Abort();
    }

    /// <summary>Reads until the client is gone.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var buffer = new byte[8 << 10];
        var faulted = false;
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                var refused = false;
                do
                {
                    if (length == buffer.Length) buffer = Longer(buffer);
                    part = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
                    if (part.MessageType == WebSocketMessageType.Close)
                    {
                        hub.Close(this, SocketClose.ByClient);
                        _readEnded.TrySetResult();
                        await _closeSent.Task.WaitAsync(s_closeLimit, time, cancel);
                        return;
                    }

                    length += part.Count;
                    if (length > options.MaxMessageBytes && !refused)
                    {
                        refused = true;
                        hub.Refuse(this, GatewayCounters.OversizedMessages, SocketClose.TooLarge(options.MaxMessageBytes));
                    }

                    // What follows a refusal is read and dropped, so that the client sees why we close.
                    if (refused) length = 0;
                }
                while (!part.EndOfMessage);

                if (!refused && Closing is null) await TakeAsync(buffer.AsMemory(0, length), part.MessageType == WebSocketMessageType.Text, cancel);
                if (buffer.Length > SocketMessage.LargeFrom) buffer = new byte[8 << 10];   // it may be a large message's now
            }
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode == WebSocketError.Faulted)
        {
            // Frames that are against RFC 6455, or a text that is no UTF-8: the close frame for that is on its way already.
            faulted = true;
            hub.Refuse(this, GatewayCounters.MalformedMessages, SocketClose.Malformed(e.Message));
        }
        catch (Exception e) when (IsGone(e))
        {
            // The client or its network: how it went makes no difference to the kernel.
        }

        _readEnded.TrySetResult();   // nobody is there to wait for the rest of a message
        var lastWrite = hub.EndSending(this);
        await UntilEndOrLimitAsync(lastWrite);
        if (faulted) await Task.Delay(s_closeLimit, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // ended now, what it still sends would have the frame lost
        if (Closing is not null && lastWrite.IsCompleted) return;
        socket.Abort();
        await UntilEndOrLimitAsync(lastWrite);
    }

    /// <summary>With more room, and all that the message says it needs once enough of it has come to be believed.</summary>
    private byte[] Longer(byte[] buffer)
    {
        var wanted = buffer.Length * 2L;
        if (legacy is null && buffer.Length >= PieceBytes) wanted = Math.Max(wanted, Math.Min(V1Framing.LengthOf(buffer), options.MaxMessageBytes) + 1);
        var longer = LargeMemory.Allocate((int)Math.Min(Array.MaxLength, wanted));
        buffer.CopyTo(longer, 0);
        return longer;
    }

    private async Task UntilEndOrLimitAsync(Task write) =>
        await write.WaitAsync(s_closeLimit, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> frame, bool text, CancellationToken cancel)
    {
        var read = legacy is null
            ? V1Framing.TryRead(frame, out var message, out var fault)
            : text ? LegacyFraming.TryReadText(frame, out message, out fault) : LegacyFraming.TryReadBinary(frame, out message, out fault);
        var header = default(HeaderFields);
        if (read && HeaderFields.TryRead(message.Header.Span, out header, out fault))
        {
            if (message.Channel == SocketChannel.Iopub) fault = "clients send nothing on iopub";
        }

        if (fault is not null)
        {
            hub.Refuse(this, GatewayCounters.MalformedMessages, SocketClose.Malformed(fault));
            return;
        }

        counters.Add(GatewayCounters.MessagesIn);
        if (_rate.Take(time.GetUtcNow()) is { Ticks: > 0 } wait)
        {
            counters.Add(GatewayCounters.SlowedMessages);
            await Task.Delay(wait, time, cancel);
        }

        var since = time.GetTimestamp();
        while (!hub.TryTake(this, message, header))
        {
            if (time.GetElapsedTime(since) > options.SendTimeout)
            {
                counters.Add(GatewayCounters.RefusedMessages);
                return;
            }

            await Task.Delay(s_roomCheck, time, cancel);
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            OutEntry? sent = null;
            while (true)
            {
                var entry = hub.Next(this, sent, out var close);
                if (close is not null)
                {
                    await CloseAsync(close);
                    return;
                }

                if (entry is null) return;
                if (!await TrySendAsync(entry.Message))
                {
                    hub.Failed(this);
                    hub.Close(this, SocketClose.CutOff);
                    await CloseAsync(SocketClose.CutOff);
                    return;
                }

                sent = entry;
            }
        }
        catch (Exception e) when (IsGone(e) || e is InvalidOperationException)
        {
            hub.Failed(this);
            socket.Abort();   // the reader notices, and leaves the hub
            _closeSent.TrySetResult();
        }
    }

    /// <returns>False when the message was cut off on its way here: a part of it may be at the client.</returns>
    private async ValueTask<bool> TrySendAsync(OutMessage message)
    {
        if (legacy is null) return await TrySendAsync(message.V1Pieces(), WebSocketMessageType.Binary, message.Arrival);
        foreach (var (frame, binary) in await legacy.FramesAsync(hub.Id, message))
            await TrySendAsync([frame], binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, null);
        return true;
    }

    private async ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte>[] pieces, WebSocketMessageType type, PartsArrival? arrival)
    {
        // Some clients copy all that they have of a message with each fragment of it.
        var length = 0L;
        foreach (var piece in pieces) length += piece.Length;
        var most = (int)Math.Max(PieceBytes, length / FragmentsMost);
        for (var i = 0; i < pieces.Length; i++)
        {
            for (var rest = pieces[i]; !rest.IsEmpty;)
            {
                var part = rest[..Math.Min(most, rest.Length)];
                rest = rest[part.Length..];
                length -= part.Length;   // what comes after it
                if (arrival is not null && !await arrival.UntilAsync(length, _readEnded.Task)) return false;
                Volatile.Write(ref _sendingBytes, part.Length);
                Interlocked.Exchange(ref _sendingSince, time.GetTimestamp());
                await socket.SendAsync(part, type, i == pieces.Length - 1 && rest.IsEmpty, CancellationToken.None);
                Interlocked.Exchange(ref _sendingSince, 0);
                if (connection is { Connected: false }) throw new IOException("the connection broke while it was written to");
            }
        }

        return true;
    }

    private async Task CloseAsync(SocketClose close)
    {
        using var limit = time.CreateTimer(_ => socket.Abort(), null, s_closeLimit, Timeout.InfiniteTimeSpan);
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await socket.CloseOutputAsync(close.Code, close.Reason, CancellationToken.None);
        _closeSent.TrySetResult();
        await _left.Task;
    }

    public override void Left() => _left.TrySetResult();

    private static bool IsGone(Exception e) =>
        e is WebSocketException or IOException or OperationCanceledException or TimeoutException or ObjectDisposedException;
}
