using System.Net.Sockets;
using System.Net.WebSockets;
using Notebook.JupyterWire;

namespace Notebook.Rig.Client;

/// <summary>The channels of a kernel behind a Jupyter server or gateway.</summary>
public sealed class WebSocketTransport : IKernelTransport
{
    private const string V1Protocol = "v1.kernel.websocket.jupyter.org";
    private const int InitialBuffer = 64 << 10;
    private const int LargestFragment = 1 << 20;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Framing _framing;
    private readonly HttpMessageInvoker _http;
    private Socket? _connection;
    private byte[] _buffer = new byte[InitialBuffer];

    private WebSocketTransport(Framing framing)
    {
        _framing = framing;
        _http = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = DialAsync });
        if (framing == Framing.V1) _socket.Options.AddSubProtocol(V1Protocol);
    }

    /// <summary>The status with which the other side closed, null while it has not.</summary>
    public int? CloseStatus => (int?)_socket.CloseStatus;

    public static async Task<WebSocketTransport> ConnectAsync(Uri address, Framing framing, string? token)
    {
        var transport = new WebSocketTransport(framing);
        if (token is not null) transport._socket.Options.SetRequestHeader("Authorization", $"token {token}");
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await transport._socket.ConnectAsync(address, transport._http, limit.Token);
        if (framing == Framing.V1 && transport._socket.SubProtocol != V1Protocol)
            throw new JupyterFormatException($"the gateway chose the subprotocol '{transport._socket.SubProtocol}', asked was {V1Protocol}");
        return transport;
    }

    public async ValueTask SendAsync(string channel, JupyterMessage message, CancellationToken stop = default)
    {
        var (frame, isText) = _framing == Framing.V1 ? (V1Framing.Write(channel, message), false) : LegacyFraming.Write(channel, message);
        await SendRawAsync(frame, isText, stop);
    }

    /// <summary>Sends a frame as it is, for what no right client would send.</summary>
    public async ValueTask SendRawAsync(ReadOnlyMemory<byte> frame, bool isText, CancellationToken stop = default)
    {
        await _sending.WaitAsync(stop);
        try
        {
            var rest = frame;
            do
            {
                var piece = rest[..Math.Min(LargestFragment, rest.Length)];   // of a whole one the WebSocket would make a copy first
                rest = rest[piece.Length..];
                await _socket.SendAsync(piece, isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: rest.IsEmpty, stop);
            }
            while (!rest.IsEmpty);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask<ClientMessage> ReceiveAsync(CancellationToken stop = default)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
            var part = await ReceivePartAsync(length, stop);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
                throw new ConnectionEndedException($"closed with {CloseStatus} '{_socket.CloseStatusDescription}'");
            if (!part.EndOfMessage) continue;
            var frame = LargeMemory.Allocate(length);
            _buffer.AsSpan(0, length).CopyTo(frame);
            return _framing == Framing.V1 ? V1Framing.Read(frame) : LegacyFraming.Read(frame, part.MessageType == WebSocketMessageType.Text);
        }
    }

    /// <summary>Drops the connection without a word, with all that has arrived and was not read yet.</summary>
    public void Drop() => _socket.Abort();

    /// <summary>
    /// Ends the connection without a word, as a proxy that is restarted does. What the other side has written until it
    /// notices still arrives: <see cref="ReceiveAsync"/> goes on to the end of it.
    /// </summary>
    public void Break() => _connection!.Shutdown(SocketShutdown.Send);

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            if (_socket.State == WebSocketState.Open)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // It is gone already.
        }

        _socket.Dispose();
        _http.Dispose();
        _sending.Dispose();
    }

    private async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var connection = _connection = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await connection.ConnectAsync(context.DnsEndPoint, cancel);
        return new NetworkStream(connection, ownsSocket: true);
    }

    private async ValueTask<ValueWebSocketReceiveResult> ReceivePartAsync(int at, CancellationToken stop)
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer.AsMemory(at), stop);
        }
        catch (WebSocketException e)
        {
            throw new ConnectionEndedException($"the connection broke: {e.Message}", e);
        }
    }
}
