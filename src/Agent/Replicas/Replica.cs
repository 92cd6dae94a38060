using System.Text.Json;
using Notebook.Agent.Processes;
using Notebook.Agent.State;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// One replica at this agent: which process is it now, what it runs, what it said. The rules are in
/// <see cref="CellGate"/>, <see cref="CellSettlement"/> and <see cref="OutputFeed"/>; this is the shell that calls them
/// under one lock and carries out what they answer.
/// </summary>
internal sealed partial class Replica(string id, string kernel, ReplicaServices services)
{
    private const int MaxEarlyMessages = 1_000;
    private static readonly TimeSpan s_bytesLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_settleLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retireGrace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CellGate _gate = new();
    private readonly CellSettlement _settlement = new();
    private readonly OutputFeed _feed = new(id, OutputFeed.MaxBytes);
    private readonly Queue<JupyterFrame> _early = [];   // came while the process was being made
    private readonly ILogger _log = services.Log;
    private KernelProcess? _process;
    private ReplicaPhase _phase = ReplicaPhase.ReplicaStopped;
    private string _reason = "";
    private int _incarnation = -1;
    private long _version;

    public string Id => id;

    /// <summary>What the silo is to know; of two, the one with the higher version is newer.</summary>
    public VersionedReport Report
    {
        get
        {
            lock (_lock) return Report_NeedsLock();
        }
    }

    /// <summary>Makes sure that a process of this incarnation runs, or can: as the order says of standbys. Again, it says how the state is kept now.</summary>
    public void Start(StartReplica order)
    {
        lock (_lock)
        {
            var isThere = _phase is ReplicaPhase.ReplicaStarting or ReplicaPhase.ReplicaReady;
            if (order.Incarnation < _incarnation || (order.Incarnation == _incarnation && isThere))
            {
                if (order.Incarnation == _incarnation) Repeat_NeedsLock(order);
                Rest_NeedsLock();
                Tell_NeedsLock();
                return;
            }

            EndProcess_NeedsLock("the kernel was restarted");
            _gate.Restart();
            (_order, _present, _lastUse) = (order, StandbyMode.StandbyCold, null);
            _starts++;
            if (order.Incarnation != _incarnation) _isDamaged = false;
            if (OpenLog_NeedsLock(order) is { } fault)
            {
                (_incarnation, _isDamaged) = (order.Incarnation, fault.Kind == OpenFaultKind.Damaged);
                Become_NeedsLock(fault.Kind == OpenFaultKind.Passing ? ReplicaPhase.ReplicaLost : ReplicaPhase.ReplicaStopped, fault.Reason);
                return;
            }

            if (_isDamaged)
            {
                Tell_NeedsLock();   // it was found while it was open
                return;
            }

            _incarnation = order.Incarnation;
            Become_NeedsLock(ReplicaPhase.ReplicaStarting, "");
            _ = BringUpNewAsync(order, _starts);
            if (_state is { } state) _ = Task.Run(() => KeepMembersAsync(state));   // what its peers are now may ask something of it
        }
    }

    /// <summary>Ends the process for good.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            EndProcess_NeedsLock("the kernel was shut down");
            _starts++;
            _rest?.Dispose();
            _commTimer?.Dispose();
            if (_state is null) services.Logs.Drop(new(id, _incarnation));   // it could not be opened
            RemoveLog_NeedsLock();
            Become_NeedsLock(ReplicaPhase.ReplicaStopped, "the kernel was shut down");
            _feed.End("the kernel was shut down");
        }
    }

    /// <summary>The silo orders a cell.</summary>
    public void Run(RunCell run)
    {
        lock (_lock)
        {
            var order = new CellOrder(run.MessageId, run.Execution, run.Epoch, run.Devices);
            if (_gate.Running is { } running && running.Epoch < order.Epoch && running.MessageId != order.MessageId)
                Diverge_NeedsLock("the silo has given up the cell that ran here");
            GateAnswer answer;
            if (_phase != ReplicaPhase.ReplicaReady)
                answer = _gate.Postpone(order, $"the replica is not ready here: {Describe(_phase)}{(_reason.Length > 0 ? ", " + _reason : "")}");
            else answer = Admit_NeedsLock(run) is { } fault ? _gate.Refuse(order, fault) : _gate.Order(order);
            Hold_NeedsLock(run);
            Follow_NeedsLock(answer);
        }
    }

    /// <summary>Interrupts what the process runs.</summary>
    public void Interrupt()
    {
        lock (_lock) _ = _process?.InterruptAsync();
    }

    /// <summary>A gateway brings a cell.</summary>
    public void Stage(JupyterFrame message)
    {
        lock (_lock)
        {
            Follow_NeedsLock(_gate.Stage(message));
            Use_NeedsLock();
        }
    }

    /// <summary>A gateway takes cells back.</summary>
    public void Discard(IEnumerable<string> messageIds)
    {
        lock (_lock)
        {
            foreach (var messageId in messageIds) Follow_NeedsLock(_gate.Discard(messageId));
        }
    }

    /// <summary>A message other than a cell.</summary>
    /// <returns>Why it cannot be taken; null when it was.</returns>
    public string? Forward(JupyterFrame message)
    {
        if (message.MessageType == "execute_request") return "a cell must be staged, not forwarded";
        if (message.Channel is not (Channel.Shell or Channel.Control or Channel.Stdin)) return $"nothing can be sent on {message.Channel}";
        lock (_lock)
        {
            switch (_phase)
            {
                case ReplicaPhase.ReplicaReady when _present == StandbyMode.StandbyHot:
                    Use_NeedsLock();
                    return TrySend_NeedsLock(_process!, message) ? null : "too many messages wait for the kernel process";
                case ReplicaPhase.ReplicaReady or ReplicaPhase.ReplicaStarting when _early.Count < MaxEarlyMessages:
                    _early.Enqueue(message);
                    Use_NeedsLock();
                    return null;
                case ReplicaPhase.ReplicaReady or ReplicaPhase.ReplicaStarting:
                    return $"{MaxEarlyMessages} messages wait for the kernel process to start";
                default:
                    return $"the replica is {Describe(_phase)}: {_reason}";
            }
        }
    }

    /// <summary>A gateway wants the outputs.</summary>
    public void Attach(Link link, ulong after) => _feed.Attach(link, after);

    /// <summary>A gateway wants no more of them.</summary>
    public void Detach(Link link) => _feed.Detach(link);

    /// <summary>A gateway's clients have the outputs up to a number.</summary>
    public void Delivered(Link link, ulong number) => _feed.Delivered(link, number);

    private async Task WatchAsync(KernelProcess process)
    {
        var exit = await process.Ended;
        await _committing;   // a reply that came before the end still counts, when what it promises is safe
        lock (_lock)
        {
            if (_process != process) return;
            EndProcess_NeedsLock(exit.ToString());
            Become_NeedsLock(ReplicaPhase.ReplicaLost, exit.ToString());
        }
    }

    private void Receive(KernelProcess process, JupyterFrame frame)
    {
        lock (_lock)
        {
            if (_process != process) return;   // a process that was replaced
            var running = _gate.Running;
            NoteAnswer_NeedsLock(frame);
            if (frame.MessageType is StateMessage.Type or StateMessage.BlobsType) TakeState_NeedsLock(process, running, frame);
            else if (TryHoldCommIdle_NeedsLock(frame)) KeepComms_NeedsLock();
            else if (running is null || !_settlement.TryHold(running.MessageId, frame)) _feed.Publish(frame);
            else if (_settlement.IsComplete) Settle_NeedsLock(running);
            else After(s_settleLimit, () => SettleLate_NeedsLock(running));
        }
    }

    private void Settle_NeedsLock(CellOrder order)
    {
        if (!ReferenceEquals(_gate.Running, order)) return;
        _isExecuting = false;
        var cellDefault = _settlement.CellDefault;
        var (frames, phase, reason) = _settlement.Release();
        EndCell_NeedsLock(phase, reason, frames, cellDefault);
    }

    private void Follow_NeedsLock(GateAnswer answer)
    {
        switch (answer)
        {
            case GateAnswer.Start start when CanExecute_NeedsLock(start.Order):
                Execute_NeedsLock(start);
                break;
            case GateAnswer.Start start:
                _ = LeadAndExecuteAsync(start);
                break;
            case GateAnswer.Wait wait:
                Tell_NeedsLock();
                After(s_bytesLimit, () => Follow_NeedsLock(_gate.GiveUp(wait.Order, s_bytesLimit)));
                break;
            case GateAnswer.Ended ended:
                LogCell(ended.Report);
                Tell_NeedsLock(ended.Report);
                break;
            case GateAnswer.Nothing:
                break;
        }
    }

    private void Execute_NeedsLock(GateAnswer.Start start)
    {
        try
        {
            var message = ProcessMessage.FromFrame(start.Message);
            CellMetadata.CheckObject(message.Content.Span, "content");
            var devices = services.Leases.Any ? start.Order.Devices : null;
            var metadata = CellMetadata.With(message.Metadata.Span, start.Order.Execution, devices);
            if (!_process!.TrySend(Channel.Shell, message with { Metadata = metadata }))
            {
                EndCell_NeedsLock(ExecutionPhase.ExecutionRefused, "too many messages wait for the kernel process");
                return;
            }

            _isExecuting = true;
            if (!_process.KeepsState) _settlement.Secure();   // there is nothing that could be kept
        }
        catch (JsonException e)
        {
            EndCell_NeedsLock(ExecutionPhase.ExecutionRefused, $"the cell's message is malformed: {e.Message}");
        }

        // The silo ordered it, and hears of its end; that it runs would be news to nobody.
    }

    private void EndCell_NeedsLock(ExecutionPhase phase, string reason, IReadOnlyList<JupyterFrame>? last = null, CellDefault? cellDefault = null)
    {
        if (_gate.End(phase, reason, cellDefault) is not { } report) return;
        Tell_NeedsLock();   // first, so that the silo is ready for the cell that the reply's reader sends next
        foreach (var frame in last ?? []) _feed.Publish(frame);
        LogCell(report);
        KeepComms_NeedsLock();
        GiveSnapshot_NeedsLock();
        Use_NeedsLock();
    }

    /// <summary>Lets go of the process, if there is one, and ends what ran on it. The caller's next phase tells the silo of both.</summary>
    private void EndProcess_NeedsLock(string reason, ExecutionPhase cell = ExecutionPhase.ExecutionProcessLost)
    {
        var process = _process;
        _process = null;
        _early.Clear();
        _unanswered.Clear();
        _commMessages.Clear();
        _hasCommChanges = false;
        ReleaseCommIdles_NeedsLock(_commIdles.Count);   // what they changed is lost, but nobody should wait for them
        _isDebugged = false;
        if (_gate.Running is { } running && _settlement.CanRelease) Settle_NeedsLock(running);
        _settlement.Drop();
        _ahead.Clear();
        _isExecuting = false;
        EndFetches_NeedsLock();
        if (_gate.End(cell, reason) is { } lost) LogCell(lost);
        if (process is { Phase: not ProcessPhase.Dead }) _ = process.RetireAsync(s_retireGrace);
    }

    private void Become_NeedsLock(ReplicaPhase phase, string reason)
    {
        (_phase, _reason) = (phase, reason);
        using (_log.BeginScope(Scope()))
            LogPhase(id, _incarnation, Describe(phase), _process?.ProcessId ?? 0, reason);
        Tell_NeedsLock();
    }

    private void Tell_NeedsLock(ExecutionReport? about = null)
    {
        _version++;
        GiveBack_NeedsLock();
        var report = Report_NeedsLock();
        if (about is not null) report.Report.LastExecution = about;
        services.Tell(report);
    }

    private VersionedReport Report_NeedsLock()
    {
        var report = new ReplicaReport
        {
            Replica = id,
            Incarnation = _incarnation,
            Phase = _phase,
            ProcessId = _present == StandbyMode.StandbyCold ? 0 : _process?.ProcessId ?? 0,
            Standby = _present,
            Reason = _reason,
            LastExecution = _gate.Last,
            Damaged = _isDamaged,
            Held = Held_NeedsLock() ?? "",
            Alone = _isAlone,
        };
        ReportRisk_NeedsLock(report);
        return new(report, _version);
    }

    /// <summary>Runs an action under the lock after a while. What it does must still make sense then: it checks.</summary>
    private void After(TimeSpan delay, Action action) => _ = RunAfterAsync(delay, action);

    private async Task RunAfterAsync(TimeSpan delay, Action action)
    {
        await Task.Delay(delay, services.Time);
        lock (_lock) action();
    }

    private static string Describe(ReplicaPhase phase) => phase switch
    {
        ReplicaPhase.ReplicaStarting => "starting",
        ReplicaPhase.ReplicaReady => "ready",
        ReplicaPhase.ReplicaLost => "lost",
        _ => "stopped",
    };

    private void LogCell(ExecutionReport report)
    {
        using (_log.BeginScope(Scope(report.Execution))) LogExecution(id, report.Execution, report.Phase, report.Epoch, report.Reason);
    }

    private Dictionary<string, object> Scope() => new() { ["KernelId"] = kernel };

    private Dictionary<string, object> Scope(long execution) => new() { ["KernelId"] = kernel, ["Execution"] = execution };

    [LoggerMessage(EventId = 3031, Level = LogLevel.Information,
        Message = "Replica {Replica} incarnation {Incarnation} is {Phase}, process {ProcessId} {Reason}")]
    private partial void LogPhase(string replica, int incarnation, string phase, int processId, string reason);

    [LoggerMessage(EventId = 3032, Level = LogLevel.Information, Message = "Replica {Replica}: execution {Number} {Phase} in epoch {Epoch} {Reason}")]
    private partial void LogExecution(string replica, long number, ExecutionPhase phase, long epoch, string reason);
}
