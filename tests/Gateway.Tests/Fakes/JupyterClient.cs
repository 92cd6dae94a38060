using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>What a client received.</summary>
internal sealed record Received(SocketChannel Channel, string Type, string ParentId, JsonElement Content, int Buffers)
{
    public string? Text(string property) => Content.TryGetProperty(property, out var value) ? value.ToString() : null;

    public override string ToString() => $"{Channel} {Type} for '{ParentId}': {Content}";
}

/// <summary>A client's WebSocket in either form.</summary>
internal sealed class JupyterClient : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly ClientWebSocket _socket = new();
    private readonly bool _v1;

    private JupyterClient(bool v1, string session) => (_v1, Session) = (v1, session);

    public string Session { get; }

    public ClientWebSocket Socket => _socket;

    public static async Task<JupyterClient> ConnectAsync(Uri gateway, string kernel, bool v1, string session, bool inQuery = true, string more = "")
    {
        var client = new JupyterClient(v1, session);
        if (v1) client._socket.Options.AddSubProtocol(V1Framing.Subprotocol);
        var query = $"token={TestGateway.Token}" + (inQuery ? $"&session_id={session}" : "") + more;
        await client._socket.ConnectAsync(new UriBuilder(gateway) { Scheme = "ws", Path = $"/api/kernels/{kernel}/channels", Query = query }.Uri, default).WaitAsync(s_limit);
        return client;
    }

    public async Task<string> SendAsync(SocketChannel channel, string type, string content = "{}", string metadata = "{}", string? id = null, params byte[][] buffers)
    {
        id ??= MessageBuilder.NewId();
        var message = new SocketMessage(
            channel, MessageBuilder.WriteHeader(id, type, Session, "me", DateTimeOffset.UnixEpoch), "{}"u8.ToArray(),
            Encoding.UTF8.GetBytes(metadata), Encoding.UTF8.GetBytes(content), [.. buffers.Select(b => (ReadOnlyMemory<byte>)b)]);
        if (_v1) await SendRawAsync(V1Framing.Write(message), WebSocketMessageType.Binary);
        else
        {
            var (frame, binary) = LegacyFraming.Write(message, id, type);
            await SendRawAsync(frame, binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
        }

        return id;
    }

    public Task<string> ExecuteAsync(string metadata = "{}", string? id = null) =>
        SendAsync(SocketChannel.Shell, "execute_request", """{"code":"1+1","silent":false,"stop_on_error":true}""", metadata, id);

    public Task SendRawAsync(byte[] frame, WebSocketMessageType type) => _socket.SendAsync(frame, type, true, default);

    /// <summary>The next message, or null when the gateway closed.</summary>
    public async Task<Received?> TryReceiveAsync(TimeSpan? limit = null)
    {
        var (frame, type) = await ReceiveRawAsync(limit);
        if (type == WebSocketMessageType.Close) return null;
        SocketMessage message;
        string? fault;
        var read = _v1 ? V1Framing.TryRead(frame, out message, out fault)
            : type == WebSocketMessageType.Text ? LegacyFraming.TryReadText(frame, out message, out fault)
            : LegacyFraming.TryReadBinary(frame, out message, out fault);
        Assert.True(read, fault);
        return new Received(
            message.Channel,
            JupyterHeader.Parse(message.Header.Span).MessageType,
            JupyterHeader.Parse(message.ParentHeader.Span).MessageId,
            JsonDocument.Parse(message.Content).RootElement,
            message.Buffers.Count);
    }

    public async Task<Received> ReceiveAsync() =>
        await TryReceiveAsync() ?? throw new InvalidOperationException($"closed: {_socket.CloseStatus} {_socket.CloseStatusDescription}");

    /// <summary>Receives until this one, and gives it.</summary>
    public async Task<Received> UntilAsync(string type, string? text = null)
    {
        while (true)
        {
            var received = await ReceiveAsync();
            if (received.Type == type && (text is null || received.Content.ToString().Contains(text, StringComparison.Ordinal))) return received;
        }
    }

    /// <summary>Receives up to the idle that ends a request; gives all that came for it.</summary>
    public async Task<List<Received>> UntilIdleAsync(string id)
    {
        var all = new List<Received>();
        while (true)
        {
            var received = await ReceiveAsync();
            if (received.ParentId != id) continue;
            all.Add(received);
            if (received.Type == "status" && received.Text("execution_state") == "idle") return all;
        }
    }

    /// <summary>Receives until the gateway closes; gives the code.</summary>
    public async Task<int> UntilClosedAsync()
    {
        while (await TryReceiveAsync() is not null)
        {
        }

        return (int)_socket.CloseStatus!.Value;
    }

    public async Task<(byte[] Frame, WebSocketMessageType Type)> ReceiveRawAsync(TimeSpan? limit = null)
    {
        using var stop = new CancellationTokenSource(limit ?? s_limit);
        var buffer = new byte[1 << 16];
        using var all = new MemoryStream();
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), stop.Token);
            all.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return (all.ToArray(), part.MessageType);
        }
    }

    /// <summary>The beginning of a message, as much of it as is there.</summary>
    public async Task ReceivePartAsync()
    {
        using var stop = new CancellationTokenSource(s_limit);
        await _socket.ReceiveAsync(new byte[1 << 10].AsMemory(), stop.Token);
    }

    /// <summary>The rest of a message of which the beginning was received.</summary>
    public Task ReceiveRestAsync() => ReceiveRawAsync();

    public void Drop() => _socket.Abort();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
