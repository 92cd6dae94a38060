using Notebook.Gateway.Clients;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <content>The clients, and what they are sent.</content>
internal sealed partial class KernelHub
{
    private readonly OutputLog _out;
    private readonly RecentCells _recent;
    private readonly DepartedSessions _departed;
    private readonly Askers _askers = new();
    private volatile KernelClient[] _clients = [];

    /// <summary>
    /// Lets a client take part. A session that was away goes on where it stopped; if nobody is here, the first to come
    /// gets what nobody has had; everyone else hears what is said from now on.
    /// </summary>
    /// <returns>False when the hub has closed itself meanwhile: there is a new one.</returns>
    public bool TryJoin(KernelClient client)
    {
        lock (_gate)
        {
            if (_closed) return false;
            client.Attached = true;
            client.Cursor = ReturnOf_NeedsLock(client)
                ?? SiblingOf_NeedsLock(client.Sessions.FirstOrDefault())?.Position
                ?? (_clients.Length == 0 ? _out.Acknowledged : _out.Next);
            ReachBack_NeedsLock(client);
            _clients = [.. _clients, client];
        }

        if (Connections > 0 && ConnectionsTold == 0) _watch.Renew();   // a kernel that has clients is not to be taken for one without
        client.Pump();
        return true;
    }

    public void Leave(KernelClient client)
    {
        lock (_gate)
        {
            client.Attached = false;
            _clients = [.. _clients.Where(s => s != client)];
            var clean = client.Closing == SocketClose.ByClient;
            foreach (var session in client.Sessions)
            {
                if (SiblingOf_NeedsLock(session) is { } sibling) HandOver_NeedsLock(client, sibling);
                else if (!clean || _askers.AnyOf(session) || _cells.Count > 0) _departed.Add(session, client.Position, _services.Time.GetUtcNow());
            }

            Trim_NeedsLock();
        }

        client.Left();
        PumpAll();
    }

    /// <summary>Has a client closed after what is being written; the first reason stays.</summary>
    public void Close(KernelClient client, SocketClose close)
    {
        lock (_gate) client.Closing ??= close;
        client.Pump();
    }

    /// <summary>Has a client closed that sent what is no message; which counts, and why is in the log.</summary>
    public void Refuse(KernelClient client, string counter, SocketClose close)
    {
        _services.Counters.Add(counter);
        LogRefused(Id, close.Reason);
        Close(client, close);
    }

    /// <summary>For a client that is not busy and has something to write: it is busy from now on.</summary>
    public bool TryBeginSending(KernelClient client)
    {
        lock (_gate)
        {
            if (client.Busy || (client.Closing is null && (!Takes_NeedsLock(client) || client.Cursor == _out.Next) && !IsOver_NeedsLock)) return false;
            return client.Busy = true;
        }
    }

    /// <summary>What a busy client writes next; when there is nothing, it is not busy any more.</summary>
    /// <param name="client">The client.</param>
    /// <param name="sent">What it has just written.</param>
    /// <param name="close">Why it is to close instead, and write nothing more.</param>
    public OutEntry? Next(KernelClient client, OutEntry? sent, out SocketClose? close)
    {
        lock (_gate)
        {
            NotWriting_NeedsLock(client);
            if (sent is not null)
            {
                sent.Done = true;
                Acknowledge_NeedsLock();
            }

            var waits = false;
            while ((close = client.Closing) is null && Takes_NeedsLock(client) && client.Cursor < _out.Next)
            {
                var entry = _out.At(client.Cursor);
                if (entry is null)
                {
                    client.Closing = SocketClose.Slow;
                    continue;
                }

                var isFor = !entry.IsWithdrawn && IsFor_NeedsLock(entry, client);
                waits = isFor && !client.TakesArriving && entry.Message.Arrival is { Missing: > 0 };
                if (waits) break;
                client.Cursor++;
                if (!isFor) continue;
                client.InFlight = entry.Sequence;
                client.Used = true;
                return entry;
            }

            if (close is null && !waits && IsOver_NeedsLock) close = client.Closing = SocketClose.KernelGone(_view.Reason);
            if (close is not null) return null;
            Trim_NeedsLock();
            client.Busy = false;
            return null;
        }
    }

    /// <summary>The write to a client has failed: its client may not have the entry, and nothing more is written to it.</summary>
    public void Failed(KernelClient client)
    {
        lock (_gate)
        {
            client.Cursor = client.Position;
            NotWriting_NeedsLock(client);
        }
    }

    /// <summary>Has nothing more written to a client whose reader has ended.</summary>
    /// <returns>Ends when what is being written has been: the client's position is true then.</returns>
    public Task EndSending(KernelClient client)
    {
        lock (_gate)
        {
            client.LastWrite = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (client.InFlight == 0) client.LastWrite.SetResult();
            return client.LastWrite.Task;
        }
    }

    private static bool Takes_NeedsLock(KernelClient client) => client.Attached && client.LastWrite is null;

    private static void NotWriting_NeedsLock(KernelClient client)
    {
        client.InFlight = 0;
        client.LastWrite?.TrySetResult();
    }

    private bool IsOver_NeedsLock => _view.State == KernelState.Dead;

    private void PumpAll()
    {
        foreach (var client in _clients) client.Pump();
    }

    private void Append_NeedsLock(OutEntry entry)
    {
        _recent.Add(entry.Message, _services.Time.GetUtcNow());
        Put_NeedsLock(entry);
        if (entry.Asker is not { } asker || _recent.Find(entry.Message.ParentId) is not { } cell) return;
        foreach (var listener in cell.Listeners)
            if (listener.Session != asker.Session) Put_NeedsLock(new OutEntry(entry.Message, listener));
    }

    private void Put_NeedsLock(OutEntry entry)
    {
        _out.Append(entry);
        if (!_out.OverLimit) return;

        // The fastest client sets the pace: those far behind it go, and come back for what is still there. If even it
        // is behind, the agent waits.
        var clients = _clients;
        _out.MakeRoom(clients.Length == 0 ? _out.Acknowledged : clients.Max(s => s.Position));
        foreach (var client in clients)
        {
            if (client.Position >= _out.First || client.Closing is not null) continue;
            client.Closing = SocketClose.Slow;
            _services.Counters.Add(GatewayCounters.SlowClients);
        }

        if (_out.OverLimit) Pause_NeedsLock();
    }

    private void Acknowledge_NeedsLock()
    {
        var any = false;
        foreach (var entry in _out.Acknowledge())
        {
            if (entry.Origin is not { } route || entry.IsWithdrawn) continue;
            route.Delivered = Math.Max(route.Delivered, entry.Number);
            any = true;
        }

        if (any && !_delivering)
        {
            _delivering = true;
            _deliverTimer.Change(s_deliverAfter, Timeout.InfiniteTimeSpan);
        }
    }

    private void Trim_NeedsLock()
    {
        var keep = _clients.Length == 0 ? _out.Acknowledged : _clients.Min(s => s.Position);
        _out.TrimTo(Math.Min(keep, _departed.Earliest ?? long.MaxValue));
        if (_out.HasRoom) Resume_NeedsLock();
    }

    // Replies are for the client that asked; if it is gone, for its session, also while that is away; if nobody knows
    // the session, for all. What is typed at a prompt is for nobody but the one who asked.
    private bool IsFor_NeedsLock(OutEntry entry, KernelClient client)
    {
        if (entry.Asker is not { } asker) return true;
        if (asker.Client is { Attached: true } its) return its == client;
        if (asker.Session.Length > 0 && client.Sessions.Contains(asker.Session)) return true;
        return entry.Message.Parts.Channel != SocketChannel.Stdin
            && SiblingOf_NeedsLock(asker.Session) is null && !_departed.Knows(asker.Session);
    }

    private KernelClient? SiblingOf_NeedsLock(string? session) =>
        string.IsNullOrEmpty(session) ? null : _clients.LastOrDefault(s => s.Closing is null && s.Sessions.Contains(session));

    // What only the leaving client was to get, its sibling gets now: it has passed these entries by as another's.
    private void HandOver_NeedsLock(KernelClient from, KernelClient to)
    {
        for (var sequence = from.Position; sequence < Math.Min(to.Cursor, _out.Next); sequence++)
        {
            if (_out.At(sequence) is not { Done: false, Asker: { } asker } entry || asker.Client != from) continue;
            entry.Done = true;
            Put_NeedsLock(new OutEntry(entry.Message, asker with { Client = to }));
        }

        Acknowledge_NeedsLock();
    }

    // Where the first of its sessions stopped that was away.
    private long? ReturnOf_NeedsLock(KernelClient client)
    {
        long? earliest = null;
        foreach (var session in client.Sessions)
            if (_departed.Return(session) is { } cursor) earliest = Math.Min(cursor, earliest ?? cursor);
        return earliest;
    }

    // A client that names its session first in a message: where it stopped, if it has had nothing here yet.
    private void Learn_NeedsLock(KernelClient client, string session)
    {
        if (session.Length == 0 || client.Sessions.Contains(session) || client.Sessions.Count >= client.MaxSessions) return;
        client.Sessions.Add(session);
        if (_departed.Return(session) is not { } cursor || client.Used) return;
        client.Cursor = Math.Min(client.Cursor, cursor);
        ReachBack_NeedsLock(client);
    }

    private void ReachBack_NeedsLock(KernelClient client)
    {
        if (client.Cursor < _out.First)
        {
            _services.Counters.Add(GatewayCounters.LostOutputs, _out.First - client.Cursor);
            LogLost(Id, _out.First - client.Cursor);
            client.Cursor = _out.First;
        }

        _services.Counters.Add(GatewayCounters.Replays, _out.Next - client.Cursor);
    }

    // Replies whose session stays away hold up what comes after them no longer.
    private void ReleaseUnclaimed_NeedsLock()
    {
        if (_clients.Length == 0) return;
        var passed = _clients.Min(s => s.Position);
        for (var sequence = _out.Acknowledged; sequence < passed; sequence++)
            if (_out.At(sequence) is { Asker: { } asker } entry && !_departed.Knows(asker.Session)) entry.Done = true;
        Acknowledge_NeedsLock();
        Trim_NeedsLock();
    }

    [LoggerMessage(EventId = 5205, Level = LogLevel.Warning, Message = "Kernel {Kernel}: a WebSocket is closed, its client's message was refused: {Fault}")]
    private partial void LogRefused(KernelId kernel, string fault);

    [LoggerMessage(EventId = 5201, Level = LogLevel.Warning, Message = "Kernel {Kernel}: {Count} messages for a returning client are no longer kept")]
    private partial void LogLost(KernelId kernel, long count);
}
