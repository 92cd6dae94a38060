using Notebook.Gateway.Clients;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <content>The sockets, and what they are sent.</content>
internal sealed partial class KernelHub
{
    private readonly OutputLog _out;
    private readonly DepartedSessions _departed;
    private readonly Askers _askers = new();
    private volatile ClientSocket[] _sockets = [];

    /// <summary>
    /// Lets a socket take part. A session that was away goes on where it stopped; if nobody is here, the first to come
    /// gets what nobody has had; everyone else hears what is said from now on.
    /// </summary>
    /// <returns>False when the hub has closed itself meanwhile: there is a new one.</returns>
    public bool TryJoin(ClientSocket socket)
    {
        lock (_gate)
        {
            if (_closed) return false;
            socket.Attached = true;
            var session = socket.Sessions.FirstOrDefault();
            socket.Cursor = (session is null ? null : _departed.Return(session))
                ?? SiblingOf_NeedsLock(session)?.Position
                ?? (_sockets.Length == 0 ? _out.Acknowledged : _out.Next);
            ReachBack_NeedsLock(socket);
            _sockets = [.. _sockets, socket];
        }

        socket.Pump();
        return true;
    }

    public void Leave(ClientSocket socket)
    {
        lock (_gate)
        {
            socket.Attached = false;
            _sockets = [.. _sockets.Where(s => s != socket)];
            var clean = socket.Closing == SocketClose.ByClient;
            foreach (var session in socket.Sessions)
            {
                if (SiblingOf_NeedsLock(session) is { } sibling) HandOver_NeedsLock(socket, sibling);
                else if (!clean || _askers.AnyOf(session) || _cells.Count > 0) _departed.Add(session, socket.Position, _services.Time.GetUtcNow());
            }

            Trim_NeedsLock();
        }

        socket.Left();
        PumpAll();
    }

    /// <summary>Has a socket closed after what is being written; the first reason stays.</summary>
    public void Close(ClientSocket socket, SocketClose close)
    {
        lock (_gate) socket.Closing ??= close;
        socket.Pump();
    }

    /// <summary>For a socket that is not busy and has something to write: it is busy from now on.</summary>
    public bool TryBeginSending(ClientSocket socket)
    {
        lock (_gate)
        {
            if (socket.Busy || (socket.Closing is null && (!Takes_NeedsLock(socket) || socket.Cursor == _out.Next) && !IsOver_NeedsLock)) return false;
            return socket.Busy = true;
        }
    }

    /// <summary>What a busy socket writes next; when there is nothing, it is not busy any more.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="sent">What it has just written.</param>
    /// <param name="close">Why it is to close instead, and write nothing more.</param>
    public OutEntry? Next(ClientSocket socket, OutEntry? sent, out SocketClose? close)
    {
        lock (_gate)
        {
            NotWriting_NeedsLock(socket);
            if (sent is not null)
            {
                sent.Done = true;
                Acknowledge_NeedsLock();
            }

            while ((close = socket.Closing) is null && Takes_NeedsLock(socket) && socket.Cursor < _out.Next)
            {
                var entry = _out.At(socket.Cursor);
                if (entry is null)
                {
                    socket.Closing = SocketClose.Slow;
                    continue;
                }

                socket.Cursor++;
                if (!IsFor_NeedsLock(entry, socket)) continue;
                socket.InFlight = entry.Sequence;
                socket.Used = true;
                return entry;
            }

            if (close is null && IsOver_NeedsLock) close = socket.Closing = SocketClose.KernelGone;
            if (close is not null) return null;
            Trim_NeedsLock();
            socket.Busy = false;
            return null;
        }
    }

    /// <summary>The write to a socket has failed: its client may not have the entry, and nothing more is written to it.</summary>
    public void Failed(ClientSocket socket)
    {
        lock (_gate)
        {
            socket.Cursor = socket.Position;
            NotWriting_NeedsLock(socket);
        }
    }

    /// <summary>Has nothing more written to a socket whose reader has ended.</summary>
    /// <returns>Ends when what is being written has been: the socket's position is true then.</returns>
    public Task EndSending(ClientSocket socket)
    {
        lock (_gate)
        {
            socket.LastWrite = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (socket.InFlight == 0) socket.LastWrite.SetResult();
            return socket.LastWrite.Task;
        }
    }

    private static bool Takes_NeedsLock(ClientSocket socket) => socket.Attached && socket.LastWrite is null;

    private static void NotWriting_NeedsLock(ClientSocket socket)
    {
        socket.InFlight = 0;
        socket.LastWrite?.TrySetResult();
    }

    private bool IsOver_NeedsLock => _view.State == KernelState.Dead;

    private void PumpAll()
    {
        foreach (var socket in _sockets) socket.Pump();
    }

    private void Append_NeedsLock(OutEntry entry)
    {
        _out.Append(entry);
        if (!_out.OverLimit) return;

        // The fastest client sets the pace: those far behind it go, and come back for what is still there. If even it
        // is behind, the agent waits.
        var sockets = _sockets;
        _out.MakeRoom(sockets.Length == 0 ? _out.Acknowledged : sockets.Max(s => s.Position));
        foreach (var socket in sockets)
        {
            if (socket.Position >= _out.First || socket.Closing is not null) continue;
            socket.Closing = SocketClose.Slow;
            _services.Counters.Add(GatewayCounters.SlowClients);
        }

        if (_out.OverLimit) Pause_NeedsLock();
    }

    private void Acknowledge_NeedsLock()
    {
        var any = false;
        foreach (var entry in _out.Acknowledge())
        {
            if (entry.Origin is not { } route) continue;
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
        var keep = _sockets.Length == 0 ? _out.Acknowledged : _sockets.Min(s => s.Position);
        _out.TrimTo(Math.Min(keep, _departed.Earliest ?? long.MaxValue));
        if (_out.HasRoom) Resume_NeedsLock();
    }

    // Replies are for the socket that asked; if it is gone, for its session, also while that is away; if nobody knows
    // the session, for all. What is typed at a prompt is for nobody but the one who asked.
    private bool IsFor_NeedsLock(OutEntry entry, ClientSocket socket)
    {
        if (entry.Asker is not { } asker) return true;
        if (asker.Socket is { Attached: true } its) return its == socket;
        if (asker.Session.Length > 0 && socket.Sessions.Contains(asker.Session)) return true;
        return entry.Message.Parts.Channel != SocketChannel.Stdin
            && SiblingOf_NeedsLock(asker.Session) is null && !_departed.Knows(asker.Session);
    }

    private ClientSocket? SiblingOf_NeedsLock(string? session) =>
        string.IsNullOrEmpty(session) ? null : _sockets.LastOrDefault(s => s.Closing is null && s.Sessions.Contains(session));

    // What only the leaving socket was to get, its sibling gets now: it has passed these entries by as another's.
    private void HandOver_NeedsLock(ClientSocket from, ClientSocket to)
    {
        for (var sequence = from.Position; sequence < Math.Min(to.Cursor, _out.Next); sequence++)
        {
            if (_out.At(sequence) is not { Done: false, Asker: { } asker } entry || asker.Socket != from) continue;
            entry.Done = true;
            Append_NeedsLock(new OutEntry(entry.Message, new Asker(to, asker.Session)));
        }

        Acknowledge_NeedsLock();
    }

    // A client that names its session first in a message: where it stopped, if it has had nothing here yet.
    private void Learn_NeedsLock(ClientSocket socket, string session)
    {
        const int maxSessions = 16;
        if (session.Length == 0 || socket.Sessions.Contains(session) || socket.Sessions.Count >= maxSessions) return;
        socket.Sessions.Add(session);
        if (_departed.Return(session) is not { } cursor || socket.Used) return;
        socket.Cursor = Math.Min(socket.Cursor, cursor);
        ReachBack_NeedsLock(socket);
    }

    private void ReachBack_NeedsLock(ClientSocket socket)
    {
        if (socket.Cursor < _out.First)
        {
            _services.Counters.Add(GatewayCounters.LostOutputs, _out.First - socket.Cursor);
            LogLost(Id, _out.First - socket.Cursor);
            socket.Cursor = _out.First;
        }

        _services.Counters.Add(GatewayCounters.Replays, _out.Next - socket.Cursor);
    }

    // Replies whose session stays away hold up what comes after them no longer.
    private void ReleaseUnclaimed_NeedsLock()
    {
        if (_sockets.Length == 0) return;
        var passed = _sockets.Min(s => s.Position);
        for (var sequence = _out.Acknowledged; sequence < passed; sequence++)
            if (_out.At(sequence) is { Asker: { } asker } entry && !_departed.Knows(asker.Session)) entry.Done = true;
        Acknowledge_NeedsLock();
        Trim_NeedsLock();
    }

    [LoggerMessage(EventId = 5201, Level = LogLevel.Warning, Message = "Kernel {Kernel}: {Count} messages for a returning client are no longer kept")]
    private partial void LogLost(KernelId kernel, long count);
}
