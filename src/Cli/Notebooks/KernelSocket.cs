using System.Net.WebSockets;
using Notebook.Hosting;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Cli.Notebooks;

/// <summary>
/// A kernel's channels: one WebSocket of the gateway. When it breaks it is opened again under the same session id, for
/// up to a minute, and the gateway goes on where it broke. One at a time may send, and another one receive.
/// </summary>
internal sealed class KernelSocket(Uri channels, string token, TimeProvider time) : IAsyncDisposable
{
    private const int MessageBytesMax = 512 << 20;
    private static readonly TimeSpan ReopenWithin = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _opening = new(1);
    private volatile ClientWebSocket? _socket;

    /// <summary>How often it had to be opened again.</summary>
    public int Reopened { get; private set; }

    /// <summary>Opens it.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        for (var start = time.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(250), time, cancel))
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"token {token}");
            socket.Options.AddSubProtocol(V1Framing.Subprotocol);
            socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(20);
            socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(20);
            try
            {
                await socket.ConnectAsync(channels, cancel);
                _socket = socket;
                return;
            }
            catch (WebSocketException e)
            {
                socket.Dispose();
                if (time.GetElapsedTime(start) > ReopenWithin)
                    throw new UserException($"the gateway cannot be reached: {e.Message} ('notebook status' shows what runs)");
            }
        }
    }

    /// <summary>Sends a message.</summary>
    public async Task SendAsync(SocketMessage message, CancellationToken cancel)
    {
        while (true)
        {
            var socket = _socket!;
            try
            {
                await socket.SendAsync(V1Framing.Write(message), WebSocketMessageType.Binary, endOfMessage: true, cancel);
                return;
            }
            catch (Exception e) when (IsBroken(e))
            {
                await ReopenAsync(socket, cancel);
            }
        }
    }

    /// <summary>Waits for the next message; null when the socket broke and was opened again: something may have been missed.</summary>
    public async Task<SocketMessage?> ReceiveAsync(CancellationToken cancel)
    {
        var frame = new MemoryStream();
        var buffer = new byte[64 << 10];
        var socket = _socket!;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
                if (part.MessageType == WebSocketMessageType.Close) break;
                if (frame.Length + part.Count > MessageBytesMax) throw new UserException($"the gateway sent a message of more than {MessageBytesMax >> 20} MiB");
                frame.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                return V1Framing.TryRead(frame.ToArray(), out var message, out var fault)
                    ? message
                    : throw new UserException($"the gateway sent a message that cannot be read: {fault}");
            }
        }
        catch (Exception e) when (IsBroken(e))
        {
            // It broke; what follows is the same as for one that was closed.
        }

        await ReopenAsync(socket, cancel);
        return null;
    }

    /// <summary>Closes it.</summary>
    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _opening.Dispose();
        return ValueTask.CompletedTask;
    }

    // Who sends and who receives may find at the same time that it broke: the first of them opens it again. The other one finds
    // the old one disposed of, which is the same to it.
    private async Task ReopenAsync(ClientWebSocket broken, CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel);
        try
        {
            if (_socket != broken) return;
            broken.Dispose();
            Reopened++;
            await OpenAsync(cancel);
        }
        finally
        {
            _opening.Release();
        }
    }

    private static bool IsBroken(Exception fault) => fault is WebSocketException or ObjectDisposedException;
}
