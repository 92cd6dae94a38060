using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Servers;

/// <summary>
/// One GPU server: who may use its GPUs (<see cref="GpuLeases"/>), whether it is up (<see cref="ServerHealth"/>), and the
/// hand-over of what its agent says to the grains of its replicas. Here are the calls; what time brings is in
/// <c>GpuServerGrain.Time.cs</c>.
/// </summary>
[AgentPlacement]
internal sealed partial class GpuServerGrain(
    [PersistentState("server")] IPersistentState<ServerRecord> record,
    [PersistentState("placed")] IPersistentState<PlacedRecord> placedRecord,
    [PersistentState("leases")] IPersistentState<LeaseBook> book,
    Regime regime,
    IAgentCommands agents,
    IPrewarmPolicy prewarm,
    TimeProvider time,
    ILogger<GpuServerGrain> log) : Grain, IGpuServerGrain
{
    private const int TicksBetweenLoads = 10;

    private ServerHealth _health = null!;
    private GpuLeases _leases = null!;
    private PlacedReplicas _placed = null!;
    private ServerLoad _load = new(0, 0, 0, 0);
    private bool _bookIsBehind;      // of changes that are not stored yet: losing them costs a reconciliation, nothing else
    private long _version;           // of what the cluster manager was told
    private ServerLoad? _toldLoad;
    private IGrainTimer? _verdict;   // when the grace ends, which need not be at a tick

    private ServerId Id => new(this.GetPrimaryKeyString());

    private IClusterManagerGrain Manager => GrainFactory.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key);

    private ServerAccount Account => new(_leases.Spec, _leases.Committed, _leases.Kept, _placed.Promised);

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _health = new ServerHealth(time.GetUtcNow());
        _placed = new PlacedReplicas(placedRecord.RecordExists
            ? placedRecord.State
            : new() { Groups = [.. record.State.Placed.Select(p => new PlacedGroup(p.Promised, [p.Replica]))] });
        _leases = new GpuLeases(Id, book.State);
        _leases.SetSpec(record.State.Gpus, record.State.MilliCpus, record.State.MemoryMb);
        _version = time.GetUtcNow().UtcTicks;   // above all of an earlier activation
        if (record.State.BootId.Length > 0) TickOn();   // until it is known whether its agent lives
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        try
        {
            if (_bookIsBehind) await StoreBookAsync();
        }
        finally
        {
            // The next activation grants nothing before the agent has registered, and the agent does that when it connects.
            if (reason.ReasonCode != DeactivationReasonCode.ShuttingDown) agents.Disconnect(Id, $"the grain of server '{Id}' begins anew");
        }
    }

    /// <inheritdoc/>
    public async Task Connected(ServerRegistration registration)
    {
        var before = record.State;
        var rebooted = before.BootId.Length > 0 && before.BootId != registration.BootId;
        record.State = before with
        {
            BootId = registration.BootId,
            ProcessId = registration.ProcessId,
            DataAddress = registration.DataAddress,
            Gpus = registration.Gpus,
            MilliCpus = registration.MilliCpus,
            MemoryMb = registration.Load.MemoryTotalMb,
        };
        await record.WriteStateAsync();
        _health.Connected();
        _load = registration.Load;
        _leases.SetSpec(registration.Gpus, registration.MilliCpus, registration.Load.MemoryTotalMb);
        LogConnected(Id, registration.BootId, rebooted, registration.Gpus.Length, registration.Replicas.Length);

        await HandOverAsync(registration, rebooted);
        SizePoolOf(registration);
        await Manager.ServerUp(Id, registration.KernelSpecs);
        await ReconcileAsync();
        await AdoptAsync();
        CareForLeases();
        await TellManagerAsync();
        foreach (var held in registration.Logs) await GrainFactory.GetGrain<IKernelGrain>(held.Replica.Kernel.Value).LogHeld(Id, held);
    }

    /// <inheritdoc/>
    public Task Disconnected(string bootId, string reason)
    {
        if (bootId != record.State.BootId) return Task.CompletedTask;   // an older agent's; the newer one is here
        _health.Disconnected(reason, time.GetUtcNow());
        LogDisconnected(Id, reason);
        _verdict?.Dispose();
        _verdict = this.RegisterGrainTimer(JudgeAsync, new GrainTimerCreationOptions(ServerHealth.Grace, s_judgeAgain) { KeepAlive = true });
        return TellManagerAsync();
    }

    /// <inheritdoc/>
    public Task Heartbeat(ServerLoad load)
    {
        if (load == _load) return Task.CompletedTask;
        PrewarmOn();   // first, so that a start that is news counts
        _load = load;
        TickOn();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ReplicaReported(ReplicaReport report)
    {
        if (_placed.Holds(report.Replica)) return Replica(report.Replica).Reported(report, record.State.DataAddress);
        if (report.Phase != ReplicaPhase.Stopped) agents.TrySend(Id, new AgentCommand.StopReplica(report.Replica));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<string> Place(ReplicaId replica, ResourceAmounts promised)
    {
        if (_placed.Place(replica, promised))
        {
            await StorePlacedAsync();
            await TellManagerAsync();
        }

        return record.State.DataAddress;
    }

    /// <inheritdoc/>
    public Task DropLog(HeldLog held)
    {
        agents.TrySend(Id, new AgentCommand.DropLog(held));   // if it is lost, the next registration names the log again
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Unplace(ReplicaId replica)
    {
        if (_placed.Unplace(replica)) await StorePlacedAsync();

        // Another replica of the kernel may have taken this one's place here already.
        if (!_placed.HoldsAnyOf(replica.Kernel) && _leases.ReleaseAll(replica.Kernel)) BookIsBehind();
        await TellManagerAsync();
    }

    /// <inheritdoc/>
    public async Task<LeaseOutcome> Lease(KernelId kernel, string user, long execution, ResourceAmounts amounts)
    {
        var outcome = _leases.Request(kernel, user, execution, amounts, _health.State == ServerState.Up);
        if (outcome is not LeaseOutcome.Granted { Lease: var lease }) return outcome;
        BookIsBehind();
        CareForLeases();
        if (lease.Epoch > book.State.ReservedEpoch) await StoreBookAsync();
        await TellManagerAsync();
        return outcome;
    }

    /// <inheritdoc/>
    public Task Hold(KernelId kernel, long execution, ResourceAmounts amounts, bool isIdle)
    {
        _leases.Keep(kernel, execution, amounts, isIdle);
        TickOn();
        return TellManagerAsync();
    }

    /// <inheritdoc/>
    public Task Release(KernelId kernel, long execution)
    {
        if (_leases.Release(kernel, execution)) BookIsBehind();
        return TellManagerAsync();
    }

    /// <inheritdoc/>
    public Task<ServerSummary?> Summary() => Task.FromResult(record.State.BootId.Length == 0 ? null : MakeSummary());

    /// <inheritdoc/>
    public Task<ServerView?> View()
    {
        var state = record.State;
        if (state.BootId.Length == 0) return Task.FromResult<ServerView?>(null);
        var account = Account;
        return Task.FromResult<ServerView?>(new ServerView(
            Id, _health.State, state.ProcessId, state.DataAddress,
            [.. state.Gpus.Select(g => new GpuView(g, _leases.HolderOf(g.Index)))],
            _load,
            [.. _placed.Replicas],
            account.Promised.Gpus,
            account.SubscriptionRatio(regime.ReplicasPerKernel))
        {
            Account = account,
            PoolReason = _pool?.Reason,
        });
    }

    private IReplicaGrain Replica(ReplicaId id) => GrainFactory.Replica(id, Id);

    private async Task JudgeAsync()
    {
        var isLost = _health.Tick(time.GetUtcNow());
        if (_health.State != ServerState.Suspect)
        {
            _verdict?.Dispose();
            _verdict = null;
        }

        if (!isLost) return;
        LogDown(Id, _health.Reason);
        foreach (var replica in _placed.Replicas.ToArray())
            await Replica(replica).ServerLost($"server {Id} is lost: {_health.Reason}");
        await Manager.ServerLost(Id);
        await TellManagerAsync();
    }

    /// <summary>Tells every replica placed here what the agent has of it, and the agent what it should not have.</summary>
    private async Task HandOverAsync(ServerRegistration registration, bool rebooted)
    {
        var reported = registration.Replicas.Select(r => r.Replica).ToHashSet();
        foreach (var report in registration.Replicas)
        {
            await ReplicaReported(report);
            if (_placed.Holds(report.Replica)) await Replica(report.Replica).Reconnected();
        }

        foreach (var replica in _placed.Replicas.Where(r => !reported.Contains(r)).ToArray())
        {
            if (rebooted) await Replica(replica).ServerLost($"the agent of server {Id} was restarted");
            await Replica(replica).Missing();
        }
    }

    /// <summary>
    /// Takes in the leases of running cells that a crash kept out of the book. Nothing is granted before: an activation
    /// grants only once its agent has connected, and this is part of that turn.
    /// </summary>
    private async Task AdoptAsync()
    {
        if (record.State.Gpus.IsEmpty) return;
        foreach (var replica in _placed.Replicas.ToArray())
        {
            var kernel = await GrainFactory.GetGrain<IKernelGrain>(replica.Kernel.Value).View();
            if ((kernel?.Reserved ?? kernel?.Cells.FirstOrDefault()?.Lease) is not { } lease || lease.Server != Id) continue;
            if (!_leases.Adopt(lease)) LogConflict(Id, lease.Kernel, lease.Execution, string.Join(',', lease.Devices));
            BookIsBehind();
        }
    }

    /// <summary>What the cluster manager decides by; it asks for all of it when it starts.</summary>
    private Task TellManagerAsync()
    {
        if (record.State.BootId.Length == 0) return Task.CompletedTask;
        _version++;
        _toldLoad = _load;
        return Manager.ServerChanged(MakeSummary());
    }

    private ServerSummary MakeSummary() => new(Id, _version, _health.State, Account, _placed.Count, _load) { Users = _leases.Users };

    private Task StorePlacedAsync()
    {
        placedRecord.State = _placed.Record;
        return StoreAsync(placedRecord);
    }

    private async Task StoreAsync<T>(IPersistentState<T> state)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();   // what is in memory was not stored: the next activation starts from what was
            throw;
        }
    }
}
