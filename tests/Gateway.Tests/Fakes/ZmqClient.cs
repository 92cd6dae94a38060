using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>A client with a connection file, as jupyter_client is one: its identity is its session.</summary>
internal sealed class ZmqClient : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly ZmqContext _zmq = new();
    private readonly MessageSigner _signer;
    private readonly Dictionary<SocketChannel, ZmqSocket> _sockets = [];
    private readonly ZmqSocket _heartbeat;

    public ZmqClient(KernelConnection connection, string? session = null, string? key = null)
    {
        Session = session ?? Guid.NewGuid().ToString();
        _signer = new MessageSigner(key ?? connection.Key);
        Open(SocketChannel.Shell, connection.ShellPort);
        Open(SocketChannel.Control, connection.ControlPort);
        Open(SocketChannel.Stdin, connection.StdinPort);
        Open(SocketChannel.Iopub, connection.IopubPort);
        _heartbeat = new ZmqSocket(_zmq, ZmqSocketType.Req);
        _heartbeat.Connect(connection.Address(connection.HeartbeatPort));

        void Open(SocketChannel channel, int port)
        {
            var socket = _sockets[channel] = new ZmqSocket(_zmq, channel == SocketChannel.Iopub ? ZmqSocketType.Sub : ZmqSocketType.Dealer);
            if (channel == SocketChannel.Iopub) socket.Set(ZmqOption.Subscribe, "");
            else socket.Set(ZmqOption.RoutingId, Session);
            socket.Connect(connection.Address(port));
        }
    }

    public string Session { get; }

    /// <summary>What arrived and was not asked for yet.</summary>
    public List<(string Topic, Received Message)> Unread { get; } = [];

    public string Send(SocketChannel channel, string type, string content = "{}", string? id = null, params byte[][] buffers)
    {
        id ??= MessageBuilder.NewId();
        SendFrames(channel, Frames(type, content, id, buffers));
        return id;
    }

    public List<ReadOnlyMemory<byte>> Frames(string type, string content, string id, params byte[][] buffers) => ZmqFraming.Build(
        new JupyterMessage(
            MessageBuilder.WriteHeader(id, type, Session, "me", DateTimeOffset.UnixEpoch), "{}"u8.ToArray(), "{}"u8.ToArray(),
            Encoding.UTF8.GetBytes(content), [.. buffers.Select(b => (ReadOnlyMemory<byte>)b)]),
        _signer);

    public void SendFrames(SocketChannel channel, IReadOnlyList<ReadOnlyMemory<byte>> frames) => Assert.True(_sockets[channel].TrySend(frames));

    public string Execute(string? id = null) =>
        Send(SocketChannel.Shell, "execute_request", """{"code":"1+1","silent":false,"stop_on_error":true}""", id);

    /// <summary>The next message that fits, whatever came before it; that stays for later.</summary>
    public Task<(string Topic, Received Message)> UntilAsync(Func<Received, bool> wanted, string what) => Task.Run(() =>
    {
        var poller = new ZmqPoller([.. _sockets.Values]);
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var index = Unread.FindIndex(u => wanted(u.Message));
            if (index >= 0)
            {
                var found = Unread[index];
                Unread.RemoveAt(index);
                return found;
            }

            if (Stopwatch.GetElapsedTime(since) > s_limit) throw new TimeoutException($"never came: {what}; but {string.Join("; ", Unread.Select(u => u.Message))}");
            poller.Wait(TimeSpan.FromMilliseconds(100));
            foreach (var (channel, socket) in _sockets)
                while (socket.TryReceive() is { } frames) Unread.Add(Parse(channel, frames));
        }
    });

    /// <summary>What came for a request up to the idle that ends it, but for that and what was taken before. The sockets keep no order among each other.</summary>
    public async Task<List<string>> UntilIdleAsync(string id)
    {
        await UntilAsync(m => m.ParentId == id && m.Type == "status" && m.Text("execution_state") == "idle", $"idle of {id}");
        var types = Unread.Where(u => u.Message.ParentId == id).Select(u => u.Message.Type).ToList();
        Unread.RemoveAll(u => u.Message.ParentId == id);
        return types;
    }

    public Task BeatAsync(string text) => Task.Run(() =>
    {
        var poller = new ZmqPoller(_heartbeat);
        Assert.True(_heartbeat.TrySend([Encoding.UTF8.GetBytes(text)]));
        Assert.True(poller.Wait(s_limit), "no heartbeat");
        Assert.Equal(text, Encoding.UTF8.GetString(_heartbeat.TryReceive()![0].Span));
    });

    public void Dispose()
    {
        foreach (var socket in _sockets.Values) socket.Dispose();
        _heartbeat.Dispose();
        _zmq.Dispose();
        _signer.Dispose();
    }

    private (string Topic, Received Message) Parse(SocketChannel channel, List<ReadOnlyMemory<byte>> frames)
    {
        var framed = ZmqFraming.Parse(frames, _signer);
        Assert.True(framed.SignatureIsRight);
        var message = framed.Message;
        var parent = message.ParentHeader.Span.SequenceEqual("{}"u8) ? "" : JupyterHeader.Parse(message.ParentHeader.Span).MessageId;
        return (
            framed.Identities.Count == 0 ? "" : Encoding.UTF8.GetString(framed.Identities[0].Span),
            new Received(channel, JupyterHeader.Parse(message.Header.Span).MessageType, parent, JsonDocument.Parse(message.Content).RootElement, message.Buffers.Count));
    }
}
