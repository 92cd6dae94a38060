using Notebook.Links;
using Notebook.Links.Protocol;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <content>The ways to the replicas.</content>
internal sealed partial class KernelHub
{
    private static readonly TimeSpan s_deliverAfter = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_retireAfter = TimeSpan.FromSeconds(10);
    private readonly List<ReplicaRoute> _routes = [];   // the executor's, and those of earlier executors for their last words
    private readonly OpenRequests _open = new();
    private readonly AttachedDebugger _debugger = new();
    private readonly HeldMessages _held;
    private readonly ITimer _deliverTimer;
    private ReplicaRoute? _route;                       // the executor's
    private int _routeProcess;
    private bool _delivering;
    private bool _flushing;

    public void RouteAttached(ReplicaRoute route, ulong next, ulong dropped)
    {
        lock (_gate)
        {
            if (_closed) return;
            if (next <= route.After)
            {
                (route.Delivered, route.DeliveredTold) = (0, 0);   // another life of the replica: it counts from 1 again
                TellIdle_NeedsLock(route);
                EndDebugging_NeedsLock(route);
            }

            route.After = next == 0 ? 0 : next - 1;
            route.Ready = route.Receiving = true;
            route.Attachment = new object();
            if (dropped > 0) Dropped(route, dropped);
            if (route == _route)
            {
                foreach (var cell in _cells.All) Stage_NeedsLock(cell);
                FlushHeld_NeedsLock();
            }
        }

        PumpAll();
    }

    public void RouteReceived(ReplicaRoute route, Output output, PartsArrival? arrival)
    {
        lock (_gate)
        {
            if (_closed || !route.Receiving || output.Number <= route.After) return;
            route.After = output.Number;   // numbers grow, with gaps where the agent could not keep everything: it says so itself
            if (_givenUp.Contains(output.Message.ParentId)) return;   // an executor that was cut off, and does not know that its cell has ended
            if (output.Message.Notice.Length > 0)
            {
                Recalled_NeedsLock(output.Message);
            }
            else if (_open.Hear(output.Message, route))
            {
                _services.Counters.Add(GatewayCounters.MessagesOut);
                _debugger.Hear(output.Message, route);
                var entry = EntryOf_NeedsLock(output.Message, route, output.Number, arrival);
                if (arrival is not null)
                {
                    route.Arriving = entry;
                    _ = arrival.Ended.ContinueWith(_ => PumpAll(), TaskScheduler.Default);   // those that need the whole of it
                }

                Append_NeedsLock(entry);
            }
        }

        PumpAll();
    }

    public void RouteMissing(ReplicaRoute route, string reason)
    {
        lock (_gate)
        {
            route.Ready = false;
            LogMissing(Id, route.Replica, reason);
            TellIdle_NeedsLock(route);
            if (route != _route) Drop_NeedsLock(route);
            else if (!_closed) _ = AttachAgainAsync(route);
        }

        PumpAll();
    }

    public void RouteLost(ReplicaRoute route)
    {
        lock (_gate)
        {
            route.Ready = route.Receiving = false;   // the link attaches again by itself
            if (route.Arriving is { IsWithdrawn: true } cut && cut.Number <= route.After)
            {
                route.After = cut.Number - 1;   // it comes again, whole
                _out.Withdraw(cut);
                Acknowledge_NeedsLock();
            }

            route.Arriving = null;
            if (route != _route) TellIdle_NeedsLock(route);
        }

        PumpAll();
    }

    // The agent may hear of the replica a moment after we do.
    private async Task AttachAgainAsync(ReplicaRoute route)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(100), _services.Time);
        lock (_gate)
        {
            if (_closed || route != _route || route.Ready) return;
        }

        route.Link.Attach(route);
    }

    private OutEntry EntryOf_NeedsLock(JupyterFrame frame, ReplicaRoute route, ulong number, PartsArrival? arrival)
    {
        if (_cells.Find(frame.ParentId) is { } cell)
        {
            cell.Started = true;
            cell.Comms.Hear(frame);
            if (cell.CompletedSince is not null) cell.CompletedSince = _services.Time.GetUtcNow();   // its reply is behind this
        }

        Asker? asker = null;
        switch (frame.Channel)
        {
            case Channel.Iopub:
                break;
            case Channel.Stdin:
                asker = _askers.Find(frame.ParentId, frame.ParentSession) ?? new Asker(null, frame.ParentSession);
                break;
            default:
                asker = _askers.Take(frame.ParentId, frame.ParentSession) ?? (frame.ParentSession.Length > 0 ? new Asker(null, frame.ParentSession) : null);
                if (frame.MessageType == "execute_reply") Answered_NeedsLock(frame.ParentId);
                break;
        }

        return new OutEntry(OutMessage.Of(frame, arrival), asker, route, number);
    }

    private void ChooseRoute_NeedsLock()
    {
        var executor = _view.ExecutorView is { Phase: Contracts.ReplicaPhase.Ready } view && Uri.TryCreate(view.DataAddress, UriKind.Absolute, out _) ? view : null;
        if (executor is null || _view.State == KernelState.Dead)
        {
            Retire_NeedsLock();
            return;
        }

        var address = new Uri(executor.DataAddress);
        if (_route is { } route && route.Replica == executor.Id.Value && route.Link.Address == address)
        {
            // The same replica in another process: what the agent counts may begin anew.
            if (_routeProcess != executor.ProcessId)
            {
                EndDebugging_NeedsLock(route);
                Attach_NeedsLock(route);
            }

            _routeProcess = executor.ProcessId;
            return;
        }

        Retire_NeedsLock();
        _routeProcess = executor.ProcessId;
        _route = _routes.Find(r => r.Replica == executor.Id.Value && r.Link.Address == address);
        if (_route is null) _routes.Add(_route = new ReplicaRoute(this, executor.Id.Value, _services.Agents.To(address)));
        _route.RetiredAt = null;
        LogRoute(Id, executor.Id.Value, executor.Server);
        Attach_NeedsLock(_route);
    }

    // Not ready until the agent has answered: what it had of us earlier it may not have any more.
    private static void Attach_NeedsLock(ReplicaRoute route)
    {
        route.Ready = route.Paused = false;
        route.Link.Attach(route);
    }

    private void Retire_NeedsLock()
    {
        if (_route is not { } route) return;
        route.RetiredAt = _services.Time.GetUtcNow();
        EndDebugging_NeedsLock(route);
        if (!route.Ready && !route.Paused) TellIdle_NeedsLock(route);   // its last words may still come, but nobody should wait for them
        _route = null;
    }

    // The next executor knows nothing of breakpoints: who debugs has to attach again.
    private void EndDebugging_NeedsLock(ReplicaRoute route)
    {
        if (!_closed && _debugger.Leave(route)) Append_NeedsLock(new OutEntry(_local.DebuggingEnded(), null));
    }

    // A cell without a reply is not meant: it gets one, and its idle with it.
    private void TellIdle_NeedsLock(ReplicaRoute route)
    {
        if (_closed) return;
        foreach (var header in _open.TakeOf(route, id => _cells.Find(id) is not null))
            Append_NeedsLock(new OutEntry(_local.Status("idle", header), null));
    }

    private void Drop_NeedsLock(ReplicaRoute route)
    {
        _routes.Remove(route);
        route.Link.Detach(route);
        TellIdle_NeedsLock(route);
    }

    private void SweepRoutes_NeedsLock(DateTimeOffset now)
    {
        foreach (var route in _routes.ToArray())
            if (now - route.RetiredAt > s_retireAfter) Drop_NeedsLock(route);
        if (_route is { Ready: false, Paused: false } waiting) waiting.Link.Attach(waiting);
    }

    private void Pause_NeedsLock()
    {
        foreach (var route in _routes)
        {
            if (route.Paused) continue;
            (route.Paused, route.Receiving) = (true, false);
            route.Link.Detach(route);
        }
    }

    private void Resume_NeedsLock()
    {
        foreach (var route in _routes)
        {
            if (!route.Paused) continue;
            route.Paused = false;
            route.Link.Attach(route);
        }
    }

    private void TellDelivered()
    {
        lock (_gate) TellDelivered_NeedsLock();
    }

    private void TellDelivered_NeedsLock()
    {
        _delivering = false;
        foreach (var route in _routes)
        {
            if (route.Delivered <= route.DeliveredTold) continue;
            var told = route.Link.TrySend(new GatewayToAgent { Delivered = new Delivered { Replica = route.Replica, Number = route.Delivered } });
            if (told) route.DeliveredTold = route.Delivered;
        }
    }

    private void Dropped(ReplicaRoute route, ulong count)
    {
        _services.Counters.Add(GatewayCounters.LostOutputs, (long)count);
        LogDropped(Id, route.Replica, count);
    }

    // --- messages to the kernel ---

    // Has the executor's agent hold the bytes of a cell that it may be ordered to run; once in each attachment.
    private void Stage_NeedsLock(Submission cell)
    {
        if (_closed || _route is not { Ready: true, IsStaging: false } route || !IsToBeStaged(cell, route)) return;
        if (route.Link.TrySend(route.StageOf(cell.Frame)))
        {
            cell.StagedUnder = route.Attachment;
            return;
        }

        route.IsStaging = true;
        _ = StageRestAsync(route);
    }

    private static bool IsToBeStaged(Submission cell, ReplicaRoute route) => !cell.Started && cell.StagedUnder != route.Attachment;

    // The agent does not keep up: each of the others goes when there is room for it.
    private async Task StageRestAsync(ReplicaRoute route)
    {
        await Task.Yield();
        while (true)
        {
            object? attachment;
            Submission? cell;
            lock (_gate)
            {
                var goesOn = !_closed && route == _route && route.Ready;
                cell = goesOn ? _cells.All.FirstOrDefault(c => IsToBeStaged(c, route)) : null;
                attachment = route.Attachment;
                route.IsStaging = cell is not null;
            }

            if (cell is null) return;
            var sent = await route.Link.SendAsync(route.StageOf(cell.Frame), CancellationToken.None);
            lock (_gate)
            {
                if (sent) cell.StagedUnder = attachment;
                else if (route.Attachment == attachment) route.Ready = false;
            }
        }
    }

    // Hands a message to the executor, or holds it until there is one. False when neither can be.
    private bool Forward_NeedsLock(SocketMessage message, HeaderFields header)
    {
        if (_held.IsEmpty && _route is { Ready: true } route
            && route.Link.TrySend(route.ForwardOf(Frames.Wrap(message, header)))) return true;
        if (!_held.TryAdd(Frames.Keep(message, header))) return false;
        FlushHeld_NeedsLock();
        return true;
    }

    private void FlushHeld_NeedsLock()
    {
        if (_flushing || _held.IsEmpty || _route is not { Ready: true }) return;
        _flushing = true;
        _ = FlushHeldAsync();
    }

    private async Task FlushHeldAsync()
    {
        await Task.Yield();
        while (true)
        {
            ReplicaRoute? route;
            JupyterFrame? message;
            object? attachment;
            lock (_gate)
            {
                (route, message, attachment) = (_route, _held.Peek(), _route?.Attachment);
                if (_closed || message is null || route is not { Ready: true })
                {
                    _flushing = false;
                    return;
                }
            }

            var sent = await route.Link.SendAsync(route.ForwardOf(message), CancellationToken.None);
            lock (_gate)
            {
                if (sent && _held.Peek() == message) _held.RemoveFirst();
                if (!sent && route.Attachment == attachment) route.Ready = false;
            }
        }
    }

    [LoggerMessage(EventId = 5202, Level = LogLevel.Information, Message = "Kernel {Kernel}: executor is {Replica} at {Server}")]
    private partial void LogRoute(KernelId kernel, string replica, ServerId server);

    [LoggerMessage(EventId = 5203, Level = LogLevel.Information, Message = "Kernel {Kernel}: the agent does not have {Replica}: {Reason}")]
    private partial void LogMissing(KernelId kernel, string replica, string reason);

    [LoggerMessage(EventId = 5204, Level = LogLevel.Warning, Message = "Kernel {Kernel}: {Count} outputs of {Replica} were not kept by its agent")]
    private partial void LogDropped(KernelId kernel, string replica, ulong count);
}
