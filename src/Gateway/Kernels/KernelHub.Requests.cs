using System.Text.Json;
using Notebook.Gateway.Clients;
using Notebook.Gateway.Cluster;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <content>What clients ask.</content>
internal sealed partial class KernelHub
{
    private static readonly TimeSpan s_useTold = TimeSpan.FromSeconds(10);
    private DateTimeOffset _useToldAt;

    /// <summary>Takes a client's message. Its memory is the caller's again afterwards, unless it is large (<see cref="SocketMessage.LargeFrom"/>).</summary>
    /// <param name="from">The client.</param>
    /// <param name="message">The message.</param>
    /// <param name="header">What its header says.</param>
    /// <param name="identity">What a ZMQ client is known by.</param>
    /// <returns>False when nothing more can be held for now: the client has to wait.</returns>
    public bool TryTake(KernelClient from, in SocketMessage message, in HeaderFields header, ReadOnlyMemory<byte>? identity = null)
    {
        var taken = true;
        Submission? cell = null;
        lock (_gate)
        {
            Learn_NeedsLock(from, header.Session);
            if (_view.State == KernelState.Dead) return true;   // the client is being sent away
            var asker = new Asker(from, header.Session) { Identity = identity };
            switch (header.MessageType)
            {
                case "execute_request" when message.Channel == SocketChannel.Shell:
                    cell = Execute_NeedsLock(asker, message, header);
                    break;
                case "connect_request" when message.Channel == SocketChannel.Shell:
                    _ = ConnectAsync(asker, message.Header.ToArray());
                    break;
                case Recall.Request when message.Channel == SocketChannel.Shell:
                    Recall_NeedsLock(asker, Recall.Asked(message.Content.Span), message.Header.ToArray());
                    break;
                case "interrupt_request" when message.Channel == SocketChannel.Control:
                    _ = InterruptAsync(asker, message.Header.ToArray());
                    break;
                case "shutdown_request" when message.Channel is SocketChannel.Control or SocketChannel.Shell:
                    _ = ShutdownAsync(asker, message.Channel, message.Header.ToArray(), ExecuteRequests.WantsRestart(message.Content.Span));
                    break;
                default:
                    if (HasReply(header.MessageType)) _askers.Add(header.MessageId, asker);
                    if (UserActivity.Counts(header.MessageType)) TellUse_NeedsLock();
                    taken = Forward_NeedsLock(message, header);
                    break;
            }
        }

        // Its order takes a way longer by a process than its bytes, so it goes first.
        BeginSubmitting();
        if (cell is not null) Stage(cell);
        PumpAll();
        return taken;
    }

    // These have none, and would push out those that still wait for theirs.
    private static bool HasReply(string type) => !type.StartsWith("comm_", StringComparison.Ordinal) && type != "input_reply" || type == "comm_info_request";

    // Ours, not the replica's: who asks for ports shall have some.
    private async Task ConnectAsync(Asker asker, ReadOnlyMemory<byte> parent)
    {
        if (await _services.Ports.OpenAsync(Id) is not { } ports)
        {
            SayReply(asker, SocketChannel.Shell, "connect_reply", parent, "this gateway cannot open ZMQ ports for the kernel; its log says why", restart: null);
            return;
        }

        lock (_gate) Say_NeedsLock(asker, _local.Reply(SocketChannel.Shell, "connect_reply", parent, json => WritePorts(json, ports)));
        PumpAll();
    }

    private static void WritePorts(Utf8JsonWriter json, KernelConnection ports)
    {
        json.WriteString("status"u8, "ok");
        json.WriteNumber("shell_port"u8, ports.ShellPort);
        json.WriteNumber("iopub_port"u8, ports.IopubPort);
        json.WriteNumber("stdin_port"u8, ports.StdinPort);
        json.WriteNumber("control_port"u8, ports.ControlPort);
        json.WriteNumber("hb_port"u8, ports.HeartbeatPort);
    }

    // A stock gateway client leaves the connection of a page that is gone as it was: so it cannot be told from one that listens.
    private void Recall_NeedsLock(Asker asker, HashSet<string>? asked, byte[] header)
    {
        foreach (var cell in _recent.All)
            if (cell.FinishedAt is null && (asked?.Contains(cell.Id) ?? true)) cell.Listen(asker);
        Say_NeedsLock(asker, _local.Reply(SocketChannel.Shell, Recall.Reply, header, json => Recall.Write(json, _recent.All, asked)));
    }

    private Submission? Execute_NeedsLock(Asker asker, in SocketMessage message, in HeaderFields header)
    {
        if (_cells.Find(header.MessageId) is not null) return null;   // the same request again: it has its place already
        var frame = Frames.Keep(message, header);
        if (!ExecuteRequests.TryRead(message, out var resources, out var stopOnError, out var fault)
            || (fault = _cells.Refusal(frame.CalculateSize())) is not null)
        {
            _services.Counters.Add(GatewayCounters.RefusedMessages);
            Say_NeedsLock(asker, _local.Ended(new CellEnding(header.MessageId, 0, CellEndKind.Refused, fault), frame.Header.Memory, started: false));
            return null;
        }

        _askers.Add(header.MessageId, asker);
        var cell = new Submission(frame, resources, stopOnError, _lastReplied);
        _cells.Add(cell);
        return cell;
    }

    private void Stage(Submission cell)
    {
        lock (_gate) Stage_NeedsLock(cell);
    }

    /// <summary>The kernel's grain sees cells only, and is told now and then that clients use the kernel by other messages.</summary>
    private void TellUse_NeedsLock()
    {
        var now = _services.Time.GetUtcNow();
        if (now - _useToldAt < s_useTold) return;
        _useToldAt = now;
        _ = TellUseAsync();
    }

    private async Task TellUseAsync()
    {
        try
        {
            await _services.ControlPlane.Grains.Kernel(Id).Used();
        }
        catch (Exception e) when (ControlPlane.IsUnavailable(e))
        {
            // The next use is told again; until then the kernel seems idle for longer than it is.
        }
    }

    private async Task InterruptAsync(Asker asker, ReadOnlyMemory<byte> parent)
    {
        var fault = await AskAsync(g => g.Kernel(Id).Interrupt());
        SayReply(asker, SocketChannel.Control, "interrupt_reply", parent, fault, restart: null);
    }

    private async Task ShutdownAsync(Asker asker, SocketChannel channel, ReadOnlyMemory<byte> parent, bool restart)
    {
        // Answered first: nothing is sent any more once the kernel has ended.
        if (restart) RestartAsked();
        else SayReply(asker, channel, "shutdown_reply", parent, fault: null, restart);
        var fault = restart
            ? await AskAsync(async g => await g.Kernel(Id).Restart() is not null)
            : await AskAsync(g => g.Kernel(Id).Shutdown());
        if (restart) SayReply(asker, channel, "shutdown_reply", parent, fault, restart);
        if (!restart && fault is null) Gone();
    }

    private async Task<string?> AskAsync(Func<IKernelDirectory, Task<bool>> call)
    {
        try
        {
            return await _services.ControlPlane.CallAsync(call) ? null : "there is no such kernel any more";
        }
        catch (ControlPlaneUnavailableException e)
        {
            return e.Message;
        }
        catch (Exception e)
        {
            LogAskFailed(e, Id);
            return $"the kernel's manager failed on this: {e.Message}";
        }
    }

    private void SayReply(Asker asker, SocketChannel channel, string type, ReadOnlyMemory<byte> parent, string? fault, bool? restart)
    {
        lock (_gate)
        {
            Say_NeedsLock(asker, _local.Reply(channel, type, parent, json =>
            {
                json.WriteString("status"u8, fault is null ? "ok" : "error");
                if (restart is { } again) json.WriteBoolean("restart"u8, again);
                if (fault is null) return;
                json.WriteString("ename"u8, "Unavailable");
                json.WriteString("evalue"u8, fault);
                json.WriteStartArray("traceback"u8);
                json.WriteEndArray();
            }));
        }

        PumpAll();
    }

    // Messages of our own about one request: its reply goes to who asked, the rest to all.
    private void Say_NeedsLock(string messageId, IEnumerable<OutMessage> messages) => Say_NeedsLock(_askers.Take(messageId, session: ""), messages);

    private void Say_NeedsLock(Asker? asker, IEnumerable<OutMessage> messages)
    {
        foreach (var message in messages)
            Append_NeedsLock(new OutEntry(message, message.Parts.Channel == SocketChannel.Iopub ? null : asker));
    }

    [LoggerMessage(EventId = 5303, Level = LogLevel.Error, Message = "Kernel {Kernel}: its grain failed on a request of a client")]
    private partial void LogAskFailed(Exception e, KernelId kernel);
}
