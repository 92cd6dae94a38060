using Notebook.Gateway.Clients;
using Notebook.Gateway.Cluster;
using Notebook.Gateway.Kernels;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Gateway.Doors;

/// <summary>
/// A kernel's five ZMQ sockets, for clients that come with a connection file. One thread has the sockets: it reads what
/// clients ask and gives it to the kernel's hub, and writes what the hub has for them. The ports and the key stay the same
/// whatever becomes of replicas, hub and gateway.
/// </summary>
/// <remarks>
/// A ZMQ client is known by its identity, which the ROUTER sockets give with each message and which answers go back to.
/// Jupyter's clients choose their session for it, so after the gateway was started anew answers still find them. On iopub
/// there are only subscribers; a message that one of them has no room for waits, so that none is lost, as long as there is
/// <see cref="SubscriberPatience"/>, and then goes to those who have.
/// </remarks>
internal sealed partial class ZmqDoor : IAsyncDisposable
{
    /// <summary>How many sessions of its clients a door remembers.</summary>
    public const int MaxSessions = 256;

    private const int BatchSize = 64;   // messages of one socket before the others have their turn
    private const int MaxWelcomes = 1000;
    private const int WakeupPlace = 0;
    private const int IopubPlace = 1;
    private const int HeartbeatPlace = 2;
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_stallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_stallForgivenAfter = TimeSpan.FromMinutes(1);
    private static readonly (int Place, SocketChannel Channel)[] s_requests = [(3, SocketChannel.Control), (4, SocketChannel.Shell), (5, SocketChannel.Stdin)];

    private readonly DoorServices _services;
    private readonly ILogger _log;
    private readonly DoorSockets _sockets;
    private readonly MessageSigner _signer;
    private readonly SeenSignatures _seen = new();
    private readonly ZmqWakeup _wakeup;
    private readonly ZmqPoller _poller;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _sessions = [];          // of clients, also while the door is not at a hub
    private readonly Queue<ReadOnlyMemory<byte>> _welcomes = new();
    private volatile DoorClient? _client;                     // null while the door is not at a hub
    private readonly Subscriptions _subscriptions = new();
    private int _joining;
    private volatile bool _ending;

    // The thread's own.
    private (SocketMessage Message, HeaderFields Header, ReadOnlyMemory<byte> Identity, long Since)? _held;   // the kernel cannot take it yet
    private readonly LateReplies _late = new(s_stallLimit);
    private readonly SubscriberPatience _patience = new(s_stallLimit, s_stallForgivenAfter);
    private OutEntry? _entry;        // some subscriber has no room for it
    private OutEntry? _sent;
    private bool _isDropping;
    private bool _isDeserted;        // the last subscriber went

    /// <summary>Binds the sockets, and serves them until it is disposed of.</summary>
    /// <exception cref="ZmqException">A port is in use.</exception>
    public ZmqDoor(KernelId kernel, KernelConnection connection, DoorServices services)
    {
        (Kernel, _services) = (kernel, services);
        _log = services.Logs.CreateLogger<ZmqDoor>();
        _sockets = new DoorSockets(services.Zmq, connection, services.Options.MaxMessageBytes);
        _signer = new MessageSigner(connection.Key);
        _wakeup = new ZmqWakeup(services.Zmq);
        _poller = new ZmqPoller(_wakeup.Socket, _sockets.Iopub, _sockets.Heartbeat, _sockets.Control, _sockets.Shell, _sockets.Stdin);
        new Thread(Run, 256 << 10) { IsBackground = true, Name = $"door {kernel}" }.Start();
    }

    public KernelId Kernel { get; }

    /// <summary>What a connection file says.</summary>
    public KernelConnection Connection => _sockets.Connection;

    /// <summary>How many subscriptions to iopub there are: one for each client, as a rule.</summary>
    public int Subscribers => _subscriptions.Count;

    /// <summary>Whether clients are here that no hub serves.</summary>
    public bool LacksHub => _client is null && Subscribers > 0;

    public void Wake() => _wakeup.Wake();

    /// <summary>Ends the door; what was sent to clients that are there still arrives.</summary>
    public ValueTask DisposeAsync()
    {
        _ending = true;
        _wakeup.Wake();
        return new(_ended.Task);
    }

    /// <summary>Joins the kernel's hub, unless that is so or under way.</summary>
    public void Join()
    {
        if (_client is null && Interlocked.Exchange(ref _joining, 1) == 0) _ = JoinAsync();
    }

    private async Task JoinAsync()
    {
        try
        {
            while (!_ending && await _services.Hubs.OpenAsync(Kernel) is { } hub)
            {
                var client = new DoorClient(this, hub);
                lock (_sessions) client.Sessions.UnionWith(_sessions);
                if (hub.TryJoin(client))
                {
                    _client = client;
                    break;
                }

                _services.Hubs.Remove(hub);   // nobody had used it for minutes, and it closed just now
            }
        }
        catch (ControlPlaneUnavailableException)
        {
            // The doors' sweep has it tried again.
        }
        finally
        {
            Interlocked.Exchange(ref _joining, 0);
            _wakeup.Wake();
        }
    }

    private void Leave(DoorClient client)
    {
        client.Hub.Leave(client);
        (_client, _entry, _sent, _isDeserted) = (null, null, null, false);
    }

    private void Run()
    {
        try
        {
            while (!_ending)
            {
                _poller.Wait(_held is not null || _entry is not null || !_late.IsEmpty ? s_retry : null);
                if (_poller.CanRead(WakeupPlace)) _wakeup.FallAsleep();
                if (_poller.CanRead(HeartbeatPlace)) Echo();
                if (_poller.CanRead(IopubPlace)) HearSubscriptions();
                if (_held is not null) OfferHeld();
                foreach (var (place, channel) in s_requests)
                    if (_held is null && _poller.CanRead(place)) Receive(SocketOf(channel), channel);
                foreach (var (place, _) in s_requests) _poller.WantRead(place, _held is null);
                if (_isDeserted && _client is { } idle) Leave(idle);   // what is said from now on is kept for the next who comes
                Welcome();
                if (!_late.IsEmpty) Undelivered(_late.Retry(_services.Time.GetUtcNow()));
                if (_client is { HasToSend: true } client) SendAll(client);
            }
        }
        catch (ZmqException e) when (e.IsTermination)
        {
            // The gateway ends.
        }
        finally
        {
            if (_client is { } client) Leave(client);
            _wakeup.Dispose();
            _sockets.Dispose();
            _signer.Dispose();
            _ended.SetResult();
        }
    }

    private ZmqSocket SocketOf(SocketChannel channel) => channel switch
    {
        SocketChannel.Shell => _sockets.Shell,
        SocketChannel.Control => _sockets.Control,
        SocketChannel.Stdin => _sockets.Stdin,
        _ => _sockets.Iopub,
    };

    private void Echo()
    {
        for (var n = 0; n < BatchSize && TryReceive(_sockets.Heartbeat) is { } frames; n++) _sockets.Heartbeat.TrySend(frames);
    }

    private List<ReadOnlyMemory<byte>>? TryReceive(ZmqSocket socket)
    {
        try
        {
            return socket.TryReceive();
        }
        catch (JupyterFormatException e)
        {
            Refuse(e.Message);
            return [];
        }
    }

    // --- what clients ask ---

    private void Receive(ZmqSocket socket, SocketChannel channel)
    {
        for (var n = 0; n < BatchSize && _held is null && TryReceive(socket) is { } frames; n++)
        {
            try
            {
                if (frames.Count > 0) Take(channel, ZmqFraming.Parse(frames, _signer));
            }
            catch (JupyterFormatException e)
            {
                Refuse(e.Message);
            }
        }
    }

    private void Take(SocketChannel channel, FramedMessage framed)
    {
        var parts = framed.Message;
        var fault = !framed.SignatureIsRight ? "its signature is wrong"
            : !_seen.TryAdd(framed.Signature.Span) ? "it came before: its signature is not new"
            : framed.Identities.Count != 1 ? $"it came with {framed.Identities.Count} identities, not one"
            : parts.Buffers.Count > SocketMessage.MaxBuffers ? $"it has {parts.Buffers.Count} buffers, at most {SocketMessage.MaxBuffers} are taken"
            : null;
        if (fault is null && parts.Size > _services.Options.MaxMessageBytes)
        {
            _services.Counters.Add(GatewayCounters.OversizedMessages);
            LogRefused(Kernel, $"a message on {channel} has {parts.Size} bytes, at most {_services.Options.MaxMessageBytes} are taken (--max-message-size)");
            return;
        }

        var message = new SocketMessage(channel, parts.Header, parts.ParentHeader, parts.Metadata, parts.Content, parts.Buffers);
        var header = default(HeaderFields);
        fault ??= message.Fault;
        if (fault is not null || !HeaderFields.TryRead(parts.Header.Span, out header, out fault))
        {
            Refuse($"a message on {channel}: {fault}");
            return;
        }

        _services.Counters.Add(GatewayCounters.MessagesIn);
        lock (_sessions)
        {
            if (_sessions.Count < MaxSessions) _sessions.Add(header.Session);
        }

        _held = (message, header, framed.Identities[0], _services.Time.GetTimestamp());
        OfferHeld();
    }

    private void OfferHeld()
    {
        var (message, header, identity, since) = _held!.Value;
        if (_client is not { } client) Join();
        else if (client.Hub.TryTake(client, message, header, identity)) _held = null;
        if (_held is null || _services.Time.GetElapsedTime(since) < _services.Options.SendTimeout) return;
        _held = null;
        _services.Counters.Add(GatewayCounters.RefusedMessages);
        LogNotTaken(Kernel, header.MessageType, _services.Options.SendTimeout.TotalSeconds);
    }

    private void Refuse(string fault)
    {
        _services.Counters.Add(GatewayCounters.MalformedMessages);
        LogRefused(Kernel, fault);
    }

    // --- what they get ---

    private void HearSubscriptions()
    {
        for (var n = 0; n < BatchSize && TryReceive(_sockets.Iopub) is { } frames; n++)
        {
            if (frames is [var welcome] && Subscriptions.IsOne(welcome.Span))
            {
                _subscriptions.Add(welcome.Span);
                if (_welcomes.Count < MaxWelcomes) _welcomes.Enqueue(welcome[1..]);
                _isDeserted = false;
                Join();
            }
            else if (frames is [var end] && Subscriptions.IsEnd(end.Span))
            {
                if (_subscriptions.TryRemove(end.Span)) _isDeserted = _subscriptions.Count == 0;
            }
            else if (frames.Count > 0)
            {
                Refuse("what came on iopub is no subscription");
            }
        }
    }

    /// <summary>Protocol 5.5: who subscribes is told that it has.</summary>
    private void Welcome()
    {
        while (_client is { } client && _welcomes.TryDequeue(out var topic))
        {
            var builder = new MessageBuilder(client.Hub.View.Session, "kernel", _services.Time);
            var welcome = builder.Build("iopub_welcome", json =>
            {
                json.WriteStartObject();
                json.WriteString("subscription"u8, System.Text.Encoding.UTF8.GetString(topic.Span));
                json.WriteEndObject();
            });
            _sockets.Iopub.TrySend(ZmqFraming.Build(welcome, _signer, [topic]));
        }
    }

    private void SendAll(DoorClient client)
    {
        while (true)
        {
            SocketClose? close = null;
            _entry ??= client.Next(_sent, out close);
            _sent = null;
            if (close is not null)
            {
                Leave(client);
                if (close == SocketClose.Slow) Join();
                return;
            }

            if (_entry is null || !TrySend(_entry)) return;
            (_sent, _entry) = (_entry, null);
        }
    }

    private bool TrySend(OutEntry entry)
    {
        var parts = entry.Message.Parts;
        var message = new JupyterMessage(parts.Header, parts.ParentHeader, parts.Metadata, parts.Content, parts.Buffers);
        if (parts.Channel == SocketChannel.Iopub) return TryPublish(ZmqFraming.Build(message, _signer, [IopubTopics.Of(Kernel, entry.Message)]));
        if (entry.Asker is not { } asker) return true;
        var identity = asker.Identity ?? System.Text.Encoding.UTF8.GetBytes(asker.Session);
        if (identity.IsEmpty) return true;
        var (socket, frames) = (SocketOf(parts.Channel), ZmqFraming.Build(message, _signer, [identity]));
        if (!socket.TrySend(frames)) Undelivered(_late.Add(socket, frames, _services.Time.GetUtcNow()));
        return true;
    }

    private void Undelivered(int count)
    {
        if (count > 0) _services.Counters.Add(GatewayCounters.UndeliverableOutputs, count);
    }

    private bool TryPublish(List<ReadOnlyMemory<byte>> frames)
    {
        if (_sockets.Iopub.TrySend(frames))
        {
            _patience.Went(_services.Time.GetUtcNow());
            return true;
        }

        var now = _services.Time.GetUtcNow();
        var waits = _patience.MayWait(now);
        if (!waits && !_isDropping) LogStalled(Kernel, s_stallLimit.TotalSeconds);
        _isDropping = !waits;
        if (waits) return false;
        _patience.Went(now);
        Undelivered(1);
        _sockets.Iopub.Set(ZmqOption.XPubNoDrop, 0);
        _sockets.Iopub.TrySend(frames);
        _sockets.Iopub.Set(ZmqOption.XPubNoDrop, 1);
        return true;
    }

    [LoggerMessage(EventId = 5401, Level = LogLevel.Warning, Message = "Kernel {Kernel}: a ZMQ client's message was refused: {Fault}")]
    private partial void LogRefused(KernelId kernel, string fault);

    [LoggerMessage(EventId = 5402, Level = LogLevel.Warning, Message = "Kernel {Kernel}: a ZMQ client's {Type} was dropped, the kernel took no message for {Seconds} s")]
    private partial void LogNotTaken(KernelId kernel, string type, double seconds);

    [LoggerMessage(EventId = 5403, Level = LogLevel.Warning,
        Message = "Kernel {Kernel}: a ZMQ subscriber took nothing for {Seconds} s; what it has no room for is lost to it from now on")]
    private partial void LogStalled(KernelId kernel, double seconds);
}
