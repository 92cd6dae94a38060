using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>
/// What this replica does while it is a standby, as <see cref="StandbyRules"/> say: hot, its process takes changes in as
/// they come; warm, it does when it is needed; cold, there is no process until then. Whatever needs it brings it up to
/// hot, with all that the log has, and some time after the last use it goes back. To be cold is no loss: it is ready.
/// </content>
internal sealed partial class Replica
{
    private StartReplica? _order;                // the last one: what its process is made of, and what it is as a standby
    private int _starts;                         // tells the tasks of one start from those of the next
    private StandbyMode _present;                // hot: the process is up and fed; warm: it is up; cold: there is none
    private Task _waking = Task.CompletedTask;   // while the process is brought up
    private readonly HashSet<string> _unanswered = [];   // messages that the process has not said to be done with
    private long? _lastUse;
    private ITimer? _rest;

    /// <summary>Brings a replica up that was just started, as far as is wanted, and makes it ready.</summary>
    private async Task BringUpNewAsync(StartReplica order, int starts)
    {
        StandbyMode wanted;
        lock (_lock) wanted = Wanted_NeedsLock();
        var process = wanted == StandbyMode.StandbyCold ? null : await LaunchAsync(order, starts);
        if (process is null && wanted != StandbyMode.StandbyCold) return;
        await BecomeMemberAsync(starts, wanted == StandbyMode.StandbyHot ? process : null);
        if (process is not null && wanted == StandbyMode.StandbyHot) await CatchUpAsync(process, _state!);
        lock (_lock)
        {
            if (_starts != starts || _phase != ReplicaPhase.ReplicaStarting || _process != process) return;
            if (wanted == StandbyMode.StandbyHot) BecomeHot_NeedsLock(process!);
            Become_NeedsLock(ReplicaPhase.ReplicaReady, "");
            Rest_NeedsLock();
        }

        if (process is not null && wanted == StandbyMode.StandbyHot) _ = FeedAsync(process);   // what was committed meanwhile
    }

    /// <summary>It is used: by a message, a cell, or bytes of one.</summary>
    private void Use_NeedsLock()
    {
        _lastUse = services.Time.GetTimestamp();
        Rest_NeedsLock();
    }

    /// <summary>Sees to it that it does what it should.</summary>
    private void Rest_NeedsLock()
    {
        if (_phase != ReplicaPhase.ReplicaReady || !_waking.IsCompleted) return;   // who brings it up looks again
        var wanted = Wanted_NeedsLock();
        if (wanted == StandbyMode.StandbyHot) RestLater_NeedsLock();
        if (wanted == _present) return;
        if (wanted == StandbyMode.StandbyHot || _present == StandbyMode.StandbyCold)
        {
            _waking = WakeAsync(_order!, _starts, isFed: wanted == StandbyMode.StandbyHot);
            return;
        }

        if (wanted == StandbyMode.StandbyCold) EndProcess_NeedsLock(Why_NeedsLock());
        Present_NeedsLock(wanted);
    }

    private string Why_NeedsLock() => _order switch
    {
        { Fresh: true } => "the next cell gets a process of its own",
        { Reclaimed: true } => "its kernel was reclaimed",
        _ => "it is a cold standby",
    };

    private StandbyMode Wanted_NeedsLock() => StandbyRules.Wanted(
        _order!.Standby,
        _order.Fresh,
        _order.Reclaimed,
        _state!.IsExecutorHere,
        Held_NeedsLock() is not null,
        (_gate.Running ?? _gate.Waiting) is not null || _early.Count > 0 || _unanswered.Count > 0 || HasToKeepComms_NeedsLock,
        _isGivingSnapshot || _isSummaryWanted || _state.WantsSnapshot,
        Unused,
        services.RestAfter);

    private TimeSpan? Unused => _lastUse is { } last ? services.Time.GetElapsedTime(last) : null;

    private void RestLater_NeedsLock()
    {
        if (_order is { Standby: StandbyMode.StandbyHot, Reclaimed: false } || !(Unused < services.RestAfter)) return;
        _rest ??= services.Time.CreateTimer(_ => RestNow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _rest.Change(services.RestAfter, Timeout.InfiniteTimeSpan);
    }

    private void RestNow()
    {
        lock (_lock) Rest_NeedsLock();
    }

    private async Task WakeAsync(StartReplica order, int starts, bool isFed)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // off the lock of who asked
        KernelProcess? process;
        KernelLog? state;
        lock (_lock) (process, state) = (_process, _state);
        process ??= await LaunchAsync(order, starts);
        if (process is not null && state is not null && isFed) await CatchUpAsync(process, state);
        lock (_lock)
        {
            _waking = Task.CompletedTask;
            if (process is not null && _process == process && isFed) BecomeHot_NeedsLock(process);
            else if (process is not null && _process == process) Present_NeedsLock(StandbyMode.StandbyWarm);
            Rest_NeedsLock();
        }

        if (process is not null && isFed) _ = FeedAsync(process);   // what was committed meanwhile
    }

    /// <summary>The process of this replica once it is up and fed, for a cell; null when there is none in the end.</summary>
    private async Task<KernelProcess?> AwakeAsync(CellOrder order)
    {
        while (true)
        {
            Task waking;
            lock (_lock)
            {
                if (_phase != ReplicaPhase.ReplicaReady || !ReferenceEquals(_gate.Running, order)) return null;
                if (_present == StandbyMode.StandbyHot) return _process;
                Rest_NeedsLock();
                waking = _waking;
            }

            await waking;
        }
    }

    private void BecomeHot_NeedsLock(KernelProcess process)
    {
        while (_early.TryDequeue(out var early)) TrySend_NeedsLock(process, early);
        Present_NeedsLock(StandbyMode.StandbyHot);
    }

    /// <summary>Gives a message to the process. While it works on one it does not rest.</summary>
    private bool TrySend_NeedsLock(KernelProcess process, JupyterFrame message)
    {
        if (!process.TrySend(message.Channel, ProcessMessage.FromFrame(message))) return false;
        if (message.Channel is Channel.Shell or Channel.Control && _unanswered.Count < MaxEarlyMessages) _unanswered.Add(message.MessageId);
        NoteDebugger_NeedsLock(message);
        NoteCommMessage_NeedsLock(message);
        return true;
    }

    /// <summary>
    /// A kernel says of each message on its shell and its control channel when it is done with it. That may overtake the
    /// reply, by far less than a replica waits before it rests.
    /// </summary>
    private void NoteAnswer_NeedsLock(JupyterFrame frame)
    {
        if (_unanswered.Count > 0 && IsIdle(frame) && _unanswered.Remove(frame.ParentId)) Use_NeedsLock();
    }

    private static bool IsIdle(JupyterFrame frame) =>
        frame is { Channel: Channel.Iopub, MessageType: "status" } && MessageContent.Text(frame.Content.Span, "execution_state"u8) == "idle";

    private void Present_NeedsLock(StandbyMode present)
    {
        _present = present;
        if (_phase != ReplicaPhase.ReplicaReady) return;
        LogPresent(id, present, _process?.ProcessId ?? 0);
        Tell_NeedsLock();
    }

    /// <summary>Makes a process, and makes it the kernel's. Null when it cannot be, and the replica is lost; or when it is not wanted any more.</summary>
    private async Task<KernelProcess?> LaunchAsync(StartReplica order, int starts)
    {
        KernelProcess? process = null;
        try
        {
            process = await services.TakeProcessAsync(order);
            lock (_lock)
            {
                if (_starts != starts || _phase is not (ReplicaPhase.ReplicaStarting or ReplicaPhase.ReplicaReady))
                {
                    _ = process.RetireAsync(TimeSpan.Zero);   // overtaken by a stop or a restart
                    return null;
                }

                (_process, _sequence) = (process, 0);
            }

            _ = WatchAsync(process);
            var assignment = new KernelAssignment(
                order.Session, kernel, order.User, order.WorkingDirectory, order.Environment, services.Server, services.Logs.ObjectsFolder, order.Incarnation);
            await process.AssignAsync(assignment, frame => Receive(process, frame), CancellationToken.None);
            lock (_lock)
            {
                if (_process != process) return null;
                _present = StandbyMode.StandbyWarm;
                return process;
            }
        }
        catch (Exception e) when (e is ProcessStartException or OperationCanceledException)
        {
            process?.Kill();
            lock (_lock)
            {
                if (_starts == starts && _phase is ReplicaPhase.ReplicaStarting or ReplicaPhase.ReplicaReady) Diverge_NeedsLock(e.Message);
            }

            return null;
        }
    }

    [LoggerMessage(EventId = 3092, Level = LogLevel.Information, Message = "Replica {Replica} is {Present} now, process {ProcessId}")]
    private partial void LogPresent(string replica, StandbyMode present, int processId);
}
