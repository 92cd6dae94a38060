using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>
/// The kernel's state: its log is opened with the replica; a process is fed from it until it is where the kernel is; what
/// a cell changed goes into it before the cell's reply leaves. A process that holds anything else than what the log says
/// is ended, and the next one starts from the log.
/// </content>
internal sealed partial class Replica
{
    // A standby takes in changes when there is a pause, so that it does not compete with the cells that make them; or when
    // so many wait that taking over would be slow.
    private const int MaxChangesBehind = 512;
    private static readonly TimeSpan s_feedPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_leadLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_stateLimit = TimeSpan.FromMinutes(2);
    private KernelLog? _state;               // not null while the replica is started
    private long _sequence;                  // the change that the process is at
    private bool _isExecuting;               // the process runs a cell: what it changes comes from itself
    private bool _isDamaged;                 // the log is of no use any more; another member has to take this one's place
    private bool _isGivingSnapshot;
    private readonly List<StateMessage> _ahead = [];   // large memory that came before the change that names it
    private ITimer? _pause;
    private Task _feeding = Task.CompletedTask;
    private Task _committing = Task.CompletedTask;

    /// <summary>The kernel's log here; null while the replica is not started.</summary>
    public KernelLog? State => _state;

    /// <returns>Why it cannot be opened, or null.</returns>
    private OpenFault? OpenLog_NeedsLock(StartReplica order)
    {
        if (_state is not null && order.Incarnation == _incarnation) return null;
        RemoveLog_NeedsLock();
        var (state, fault) = services.Logs.Open(order, services.Peers);
        if (state is null) return fault;
        _state = state;
        state.Advanced += () => Advance(state);
        state.Broken += reason => Break(state, reason);
        state.Shortened += dropped => ForgetDropped(state, dropped);
        return null;
    }

    /// <summary>The log was found damaged while it was in use: the process may go on from nothing that this replica has.</summary>
    private void Break(KernelLog state, string reason)
    {
        lock (_lock)
        {
            if (_state != state) return;
            _isDamaged = true;
            _starts++;
            EndProcess_NeedsLock(reason);
            ForgetRisk_NeedsLock();
            Become_NeedsLock(ReplicaPhase.ReplicaStopped, $"server {services.Server}'s copy of the kernel's state is damaged: {reason}");
        }
    }

    private void RemoveLog_NeedsLock()
    {
        if (_state is null) return;
        services.Logs.Remove(_state);
        _state = null;
        ForgetRisk_NeedsLock();
        _pause?.Dispose();
        _pause = null;
    }

    private bool CanExecute_NeedsLock(CellOrder order) =>
        _recalling.IsCompleted && !IsKeepingComms && _present == StandbyMode.StandbyHot && _state!.IsLedHere(order.Epoch) && _sequence == _state.Sequence;

    /// <summary>This replica becomes the leader, its process catches up, and the cell starts.</summary>
    private async Task LeadAndExecuteAsync(GateAnswer.Start start)
    {
        var state = _state!;
        HurryFetch();
        var awake = AwakeAsync(start.Order);   // meanwhile
        await _recalling;   // of the cell before it, as long as that is the last in the log
        await _keepingComms;
        var fault = await state.LeadAsync(start.Order.Execution, start.Order.Epoch, s_leadLimit, CancellationToken.None);
        if (await awake is not { } process) return;   // it was lost, and the cell with it
        var shortage = fault is null ? null : services.Logs.LogShortage;
        if (fault is null)
        {
            OfferAll();
            await CatchUpAsync(process, state);
        }

        lock (_lock)
        {
            if (_process != process || !ReferenceEquals(_gate.Running, start.Order)) return;   // ended in the meantime
            if (fault is null && !CanExecute_NeedsLock(start.Order)) fault = "another replica leads the kernel now";
            if (fault is null) Execute_NeedsLock(start);
            else if (shortage is not null) EndCell_NeedsLock(ExecutionPhase.ExecutionRefused, shortage);
            else PutBack_NeedsLock(start, fault);
        }
    }

    private void PutBack_NeedsLock(GateAnswer.Start start, string reason)
    {
        if (_gate.PutBack(start, reason) is not { } report) return;
        LogCell(report);
        Tell_NeedsLock();
    }

    /// <summary>The log went on, or somebody else leads: on a thread of Raft's.</summary>
    private void Advance(KernelLog state)
    {
        KernelProcess? process;
        lock (_lock)
        {
            if (_state != state) return;
            FollowLead_NeedsLock(state);
            EndDebugging_NeedsLock(state);
            Rest_NeedsLock();
            KeepComms_NeedsLock();
            if (_process is null || _phase != ReplicaPhase.ReplicaReady || _present != StandbyMode.StandbyHot) return;
            if (_gate.Running is { } running && _isExecuting && state.IsLedElsewhere(running.Epoch))
            {
                Diverge_NeedsLock("another replica of the kernel leads now");
                return;
            }

            if (_isExecuting || IsKeepingComms) return;
            if (_sequence == state.Sequence)
            {
                GiveSnapshot_NeedsLock();
                return;
            }

            process = _process;
            if (state.Sequence - _sequence < MaxChangesBehind)
            {
                _pause ??= services.Time.CreateTimer(_ => FeedAfterPause(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _pause.Change(s_feedPause, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _ = FeedAsync(process);
    }

    private void FeedAfterPause()
    {
        KernelProcess? process;
        lock (_lock) process = _phase == ReplicaPhase.ReplicaReady && _present == StandbyMode.StandbyHot ? _process : null;
        if (process is not null) _ = FeedAsync(process);
    }

    private async Task CatchUpAsync(KernelProcess process, KernelLog state)
    {
        while (true)
        {
            await FeedAsync(process);
            lock (_lock)
            {
                if (_process != process || _sequence >= state.Sequence) return;
            }
        }
    }

    /// <summary>Gives a process what it lacks. One at a time: who comes second waits with the first.</summary>
    private Task FeedAsync(KernelProcess process)
    {
        lock (_lock)
        {
            if (_process != process) return Task.CompletedTask;
            return _feeding.IsCompleted ? _feeding = GiveAllAsync(process) : _feeding;
        }
    }

    private async Task GiveAllAsync(KernelProcess process)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // off the lock of who asked
        try
        {
            while (true)
            {
                StatePiece next;
                KernelLog state;
                lock (_lock)
                {
                    if (_process != process || _isExecuting || IsKeepingComms) return;
                    if (_state?.After(_sequence) is not { } change)
                    {
                        GiveSnapshot_NeedsLock();
                        return;
                    }

                    (next, state) = (change, _state);
                }

                // A snapshot that takes the change's place would let its large values go while the process reads them.
                using var pins = services.Logs.Pin(next.Blobs);
                if (state.After(_sequence)?.Sequence != next.Sequence) continue;
                var answer = await ApplyAsync(process, next.Inline);
                lock (_lock)
                {
                    if (_process != process) return;
                    if (answer is ApplyAnswer.Failed failed)
                    {
                        Diverge_NeedsLock($"it could not take in change {next.Sequence} of the kernel's state: {failed.Reason}");
                        return;
                    }

                    _sequence = next.Sequence;
                }
            }
        }
        catch (ProcessStartException e)
        {
            lock (_lock)
            {
                if (_process == process) Diverge_NeedsLock(e.Message);
            }
        }
    }

    private void TakeState_NeedsLock(KernelProcess process, CellOrder? running, JupyterFrame frame)
    {
        if (running is null || frame.ParentId != running.MessageId || !_isExecuting) return;   // of a cell that we did not order
        if (frame.MessageType == StateMessage.BlobsType)
        {
            _ahead.Add(StateMessage.ReadBlobs(frame));
            return;
        }

        var message = StateMessage.Read(frame);
        if (_ahead.Count > 0)
        {
            message = message with { Blobs = [.. _ahead.SelectMany(m => m.Blobs), .. message.Blobs], Error = message.Error ?? _ahead.Find(m => m.Error is not null)?.Error };
            _ahead.Clear();
        }

        _committing = CommitAsync(process, running, message);
    }

    private async Task CommitAsync(KernelProcess process, CellOrder order, StateMessage message)
    {
        var fault = message.Error is { } error ? $"the kernel process could not say what the cell changed: {error}" : null;
        string? shortfall = null;
        string? refusal = null;
        if (fault is null && !message.IsEmpty && await services.Logs.KeepAsync(message.Blobs) is { } shortage) refusal = message.Explain(shortage);
        else if (fault is null && !message.IsEmpty)
        {
            var change = new StateEntry.Change(
                order.Execution, order.Epoch, message.Sequence, [.. message.Blobs.Select(b => b.Ref)], message.Inline,
                new EndedCell(order.Execution, order.MessageId, message.Blobs.Sum(b => (long)b.Ref.Length), message.Reply, message.CellDefault));
            var offered = OfferNew(change.Blobs);
            var result = await _state!.CommitAsync(change, CancellationToken.None);
            fault = (result as CommitResult.Failed)?.Reason;
            refusal = (result as CommitResult.Refused)?.Reason;
            Offered();
            if (result is CommitResult.Committed) shortfall = await WaitForChunksAsync(change.Blobs, offered);
        }

        lock (_lock)
        {
            if (!ReferenceEquals(_gate.Running, order) || _process != process) return;
            if (refusal is not null || fault is not null)
            {
                Diverge_NeedsLock((refusal ?? fault)!, refusal is not null ? ExecutionPhase.ExecutionNotKept : ExecutionPhase.ExecutionProcessLost);
                return;
            }

            if (!message.IsEmpty) _sequence = message.Sequence;
            TakeUncopied_NeedsLock(message);
            _settlement.Secure(shortfall, message.CellDefault);
            if (_settlement.IsComplete) Settle_NeedsLock(order);
        }
    }

    /// <summary>When the log has grown long, it gets the process's whole state in place of how that came to be.</summary>
    private void GiveSnapshot_NeedsLock()
    {
        if (_isGivingSnapshot || _isExecuting || IsKeepingComms || _unhealed > 0 || _process is not { KeepsState: true } process || _state is not { } state) return;
        if (!(state.WantsSnapshot || _isSummaryWanted) || _sequence != state.Sequence) return;
        _isGivingSnapshot = true;
        _ = GiveSnapshotAsync(process, state, isForAll: _isSummaryWanted);
        _isSummaryWanted = false;
    }

    private async Task GiveSnapshotAsync(KernelProcess process, KernelLog state, bool isForAll)
    {
        using var pins = services.Logs.OpenScope();
        try
        {
            var message = await process.SnapshotAsync(CancellationToken.None);
            if (message.Error is { } error)
            {
                LogNoSnapshot(id, error);
                return;
            }

            if (await services.Logs.KeepSnapshotAsync(message.Blobs, pins) is { } shortage) LogNoSnapshot(id, shortage.ToString());
            else if (!isForAll) state.Offer(message);
            else if (await state.SummarizeAsync(message, CancellationToken.None) is { } fault)
            {
                LogNoSnapshot(id, $"of all replicas: {fault}");
                state.Offer(message);
            }
        }
        catch (ProcessStartException e)
        {
            LogNoSnapshot(id, e.Message);   // the next process will be asked again
        }
        finally
        {
            lock (_lock)
            {
                _isGivingSnapshot = false;
                KeepComms_NeedsLock();
                Rest_NeedsLock();
            }
        }
    }

    [LoggerMessage(EventId = 3081, Level = LogLevel.Warning, Message = "Replica {Replica}: no snapshot of its state: {Reason}")]
    private partial void LogNoSnapshot(string replica, string reason);

    /// <summary>One of the three did not come in time. What a cell changed may take long to come, when it is much.</summary>
    private void SettleLate_NeedsLock(CellOrder order)
    {
        if (!ReferenceEquals(_gate.Running, order)) return;
        if (_settlement.CanRelease) Settle_NeedsLock(order);
        else if (!GaveUpFullLog_NeedsLock()) After(s_stateLimit, () => GiveUpState_NeedsLock(order));
    }

    /// <summary>A change that the log took just before its disk was full waits for room: its cell does not.</summary>
    private bool GaveUpFullLog_NeedsLock()
    {
        if (_committing.IsCompleted || services.Logs.LogShortage is not { } reason) return false;
        Diverge_NeedsLock(reason, ExecutionPhase.ExecutionNotKept);
        return true;
    }

    private void GiveUpState_NeedsLock(CellOrder order)
    {
        if (!ReferenceEquals(_gate.Running, order) || GaveUpFullLog_NeedsLock() || !_committing.IsCompleted) return;   // a commit has limits of its own
        if (_settlement.CanRelease) Settle_NeedsLock(order);
        else Diverge_NeedsLock("the kernel process did not say what the cell changed");
    }

    /// <summary>What the process holds is not the kernel's state: it ends, and another one starts from the log.</summary>
    private void Diverge_NeedsLock(string reason, ExecutionPhase cell = ExecutionPhase.ExecutionProcessLost)
    {
        EndProcess_NeedsLock(reason, cell);
        Become_NeedsLock(ReplicaPhase.ReplicaLost, reason);
    }
}
