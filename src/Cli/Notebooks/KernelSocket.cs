using System.Net.WebSockets;
using Notebook.Hosting;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Cli.Notebooks;

/// <summary>
/// A kernel's channels: one WebSocket of the gateway. When it breaks it is opened again under the same session id, for
/// up to a minute, and the gateway goes on where it broke.
/// </summary>
internal sealed class KernelSocket(Uri channels, string token, TimeProvider time) : IAsyncDisposable
{
    private const int MessageBytesMax = 512 << 20;
    private static readonly TimeSpan ReopenWithin = TimeSpan.FromSeconds(60);

    private ClientWebSocket? _socket;

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
            try
            {
                await _socket!.SendAsync(V1Framing.Write(message), WebSocketMessageType.Binary, endOfMessage: true, cancel);
                return;
            }
            catch (WebSocketException)
            {
                await ReopenAsync(cancel);
            }
        }
    }

    /// <summary>Waits for the next message; null when the socket broke and was opened again: something may have been missed.</summary>
    public async Task<SocketMessage?> ReceiveAsync(CancellationToken cancel)
    {
        var frame = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            while (true)
            {
                var part = await _socket!.ReceiveAsync(buffer.AsMemory(), cancel);
                if (part.MessageType == WebSocketMessageType.Close) break;
                if (frame.Length + part.Count > MessageBytesMax) throw new UserException($"the gateway sent a message of more than {MessageBytesMax >> 20} MiB");
                frame.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                return V1Framing.TryRead(frame.ToArray(), out var message, out var fault)
                    ? message
                    : throw new UserException($"the gateway sent a message that cannot be read: {fault}");
            }
        }
        catch (WebSocketException)
        {
            // It broke; what follows is the same as for one that was closed.
        }

        await ReopenAsync(cancel);
        return null;
    }

    /// <summary>Closes it.</summary>
    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReopenAsync(CancellationToken cancel)
    {
        _socket?.Dispose();
        Reopened++;
        await OpenAsync(cancel);
    }
}
