using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Replicas;

/// <summary>
/// One replica's life on its server: keeps the agent at what the assignment says, and tells the kernel what is so.
/// Orders to agents may be lost with a connection, so an order is repeated whenever a report shows that it did not
/// arrive; the agent takes each for what it asks for, once.
/// </summary>
[AgentPlacement]
internal sealed partial class ReplicaGrain(
    [PersistentState("replica")] IPersistentState<ReplicaRecord> record,
    IAgentCommands agents,
    TimeProvider time,
    ILogger<ReplicaGrain> log) : Grain, IReplicaGrain
{
    private RestartBudget _budget = new();
    private ReplicaView? _view;      // null while nothing is known: the kernel's own memory is better than a guess
    private CellOrder? _order;       // the last one sent
    private IGrainTimer? _restart;   // set while a new start is on its way
    private string _dataAddress = "";
    private long _forgiven;          // the last execution whose process was ended without fault of its own

    private ReplicaId Id => new(this.GetPrimaryKeyString());

    private IKernelGrain Kernel => GrainFactory.GetGrain<IKernelGrain>(Id.Kernel.Value);

    private ReplicaAssignment? Assignment => record.State.Assignment;

    /// <inheritdoc/>
    public async Task Assign(ReplicaAssignment assignment)
    {
        if (Assignment is not { } present || !present.IsSameAs(assignment))
        {
            var isNew = Assignment is null;
            record.State = new ReplicaRecord { Assignment = assignment };
            await record.WriteStateAsync();
            (_view, _order, _budget) = (null, null, new RestartBudget());
            LogAssigned(Id, assignment.Server, assignment.Incarnation);
            if (isNew && TrySendStart()) _view = MakeView(ReplicaPhase.Starting, null);   // as its kernel, which made it, has it in mind already
            else await StartAsync();
        }
        else
        {
            record.State = record.State with { Assignment = assignment };   // its peers may be others
            if (present.IsReclaimed != assignment.IsReclaimed) await record.WriteStateAsync();   // else the next silo would wake it
            TrySendStart();
            if (_view is not null) await Kernel.ReplicaChanged(_view);
        }
    }

    /// <inheritdoc/>
    public async Task SetPeers(ImmutableArray<ReplicaPeer> peers)
    {
        if (Assignment is not { } assignment) return;   // removed
        record.State = record.State with { Assignment = assignment with { Peers = peers } };
        TrySendPeers();
        await record.WriteStateAsync();
    }

    /// <inheritdoc/>
    public async Task Remove()
    {
        if (Assignment is { } assignment) agents.TrySend(assignment.Server, new AgentCommand.StopReplica(Id));
        await record.ClearStateAsync();
        _restart?.Dispose();
        (_view, _order) = (null, null);
        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public Task<bool> Run(CellOrder order)
    {
        if (Assignment is not { } assignment || _view is { Phase: not ReplicaPhase.Ready }) return Task.FromResult(false);
        var sent = agents.TrySend(assignment.Server, new AgentCommand.RunCell(Id, order));
        if (sent) _order = order;
        return Task.FromResult(sent);
    }

    /// <inheritdoc/>
    public Task<bool> Recall(CellRecall recall) =>
        Task.FromResult(Assignment is { } assignment && agents.TrySend(assignment.Server, new AgentCommand.RecallCell(Id, recall)));

    /// <inheritdoc/>
    public Task Interrupt()
    {
        if (Assignment is { } assignment) agents.TrySend(assignment.Server, new AgentCommand.InterruptReplica(Id));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Reported(ReplicaReport report, string dataAddress)
    {
        if (Assignment is not { } assignment) return;   // removed; the server's grain stops what is not placed on it
        if (report.Incarnation != assignment.Incarnation)
        {
            TrySendStart();   // a process of another life: the order to replace it may have been lost
            return;
        }

        if (_view is { Phase: ReplicaPhase.Stopped } && report.Phase == ReplicaPhase.Lost) return;   // given up already

        _dataAddress = dataAddress;
        if (report.Phase == ReplicaPhase.Ready && !record.State.HasLog)
        {
            record.State = record.State with { HasLog = true };
            await record.WriteStateAsync();
        }

        var (phase, reason) = (report.Phase, report.Reason);
        if (phase == ReplicaPhase.Ready && report is { ProcessId: 0, Standby: not StandbyMode.Cold })   // the cell's end was noticed a moment before the process's
            (phase, reason) = (ReplicaPhase.Lost, reason ?? report.LastExecution?.Reason);

        // A cell that ended, ended before anything that befell its process later: said in this order, a reply that
        // came just before a crash still counts.
        var lost = report.LastExecution is { Phase: ExecutionPhase.ProcessLost };   // not NotKept: that is what its process ended of
        if (report.LastExecution is { } ended && !lost) await Kernel.ExecutionReported(Id, ended);
        await BecomeAsync(new ReplicaView(Id, assignment.Server, phase, report.ProcessId, dataAddress, reason, assignment.Incarnation)
        {
            AtRisk = report.AtRisk,
            Standby = report.Standby,
            IsDamaged = report.IsDamaged,
            StateBytes = report.StateBytes,
            Held = report.Held,
            IsAlone = report.IsAlone,
        });
        if (report.LastExecution is { } cut && lost) await Kernel.ExecutionReported(Id, cut);

        if (phase == ReplicaPhase.Lost && IsForgiven(report)) await StartAsync();
        else if (phase == ReplicaPhase.Lost) await RestartLaterAsync(reason ?? "its process ended");
        else if (phase == ReplicaPhase.Ready && _order is { } order && order.Execution > (report.LastExecution?.Execution ?? 0))
            agents.TrySend(assignment.Server, new AgentCommand.RunCell(Id, order));
    }

    /// <summary>A process that its agent ended, since a cell's changes could not be kept, did nothing wrong: it does not count as a crash, once for each cell.</summary>
    private bool IsForgiven(ReplicaReport report)
    {
        if (report.LastExecution is not { Phase: ExecutionPhase.NotKept } last || last.Execution <= _forgiven) return false;
        _forgiven = last.Execution;
        return true;
    }

    /// <inheritdoc/>
    public Task Reconnected()
    {
        if (Assignment is null) return Task.CompletedTask;
        TrySendPeers();
        if (_view is { Phase: ReplicaPhase.Ready }) TrySendStart();   // it starts nothing, and says how the kernel's state is kept now
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Missing()
    {
        if (Assignment is null) return;
        if (_view is null or { Phase: ReplicaPhase.Ready }) await LoseAsync("its agent no longer has its process");
        _budget = new RestartBudget();
        await StartAsync();
    }

    /// <inheritdoc/>
    public Task ServerLost(string reason) => Assignment is null ? Task.CompletedTask : LoseAsync(reason);

    private async Task LoseAsync(string reason)
    {
        _order = null;
        await BecomeAsync(MakeView(ReplicaPhase.Lost, reason));
    }

    private async Task RestartLaterAsync(string reason)
    {
        _order = null;
        if (_restart is not null) return;   // the same end, said again
        if (_budget.Ended(time.GetUtcNow()) is not { } pause)
        {
            LogGivenUp(Id, RestartBudget.Limit, reason);
            await BecomeAsync(_view! with
            {
                Phase = ReplicaPhase.Stopped,
                Reason = $"its process ended {RestartBudget.Limit} times within a minute, the last time because: {reason}",
            });
            return;
        }

        LogRestarting(Id, reason, pause);
        _restart = this.RegisterGrainTimer(StartIfLostAsync, new GrainTimerCreationOptions(pause, Timeout.InfiniteTimeSpan));
    }

    private Task StartIfLostAsync()
    {
        _restart?.Dispose();
        _restart = null;
        return _view is { Phase: ReplicaPhase.Lost } ? StartAsync() : Task.CompletedTask;
    }

    private async Task StartAsync()
    {
        _restart?.Dispose();
        _restart = null;
        await BecomeAsync(TrySendStart()
            ? MakeView(ReplicaPhase.Starting, null)
            : MakeView(ReplicaPhase.Lost, $"the agent of server {Assignment!.Server} is not connected"));
    }

    /// <summary>Without a process.</summary>
    private ReplicaView MakeView(ReplicaPhase phase, string? reason) =>
        new(Id, Assignment!.Server, phase, 0, _dataAddress, reason, Assignment.Incarnation);

    private bool TrySendStart() =>
        agents.TrySend(Assignment!.Server, new AgentCommand.StartReplica(Id, Assignment, record.State.HasLog));

    private void TrySendPeers() =>
        agents.TrySend(Assignment!.Server, new AgentCommand.SetPeers(Id, Assignment.Peers));

    private async Task BecomeAsync(ReplicaView next)
    {
        if (next == _view) return;
        LogPhase(Id, _view?.Phase, next.Phase, next.Reason);
        _view = next;
        await Kernel.ReplicaChanged(next);
    }
}
