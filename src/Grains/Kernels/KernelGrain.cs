using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Kernels;

/// <summary>
/// One kernel: a thin shell around <see cref="CellQueue"/> (what runs next), <see cref="KernelLife"/> (who runs it) and
/// <see cref="Endings"/> (what became of it). Here are the calls; the path of a cell is in <c>KernelGrain.Cells.cs</c>,
/// replicas in <c>KernelGrain.Replicas.cs</c>, GPUs for life in <c>KernelGrain.Reservation.cs</c>, storage and notifications in <c>KernelGrain.Store.cs</c>.
/// </summary>
internal sealed partial class KernelGrain(
    [PersistentState("kernel")] IPersistentState<KernelRecord> record,
    [PersistentState("endings")] IPersistentState<EndingsRecord> archive,
    IExecutorPolicy policy,
    IStandbyPolicy standbyPolicy,
    IReclaimPolicy reclaim,
    Keeping keepingByDefault,
    CullSettings culling,
    TimeProvider time,
    ILogger<KernelGrain> log) : Grain, IKernelGrain
{
    private readonly Subscribers _subscribers = new(time);
    private KernelLife? _life;       // null: no such kernel
    private CellQueue _queue = null!;
    private Endings _endings = null!;
    private DateTimeOffset _lastActivity;

    private KernelId Id => new(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var state = record.State;
        _endings = new Endings(archive.State.Endings, state.Recent);
        _queue = new CellQueue(state.NextExecution, state.Running, _endings);
        _lastActivity = state.LastActivity;
        (_reserved, _lastCompleted) = (state.Reserved, state.LastCompleted);
        _mayHaveRun = state.Running is not null;   // who knows what the last activation had sent
        _version = state.Version + VersionsBetweenWrites;
        if (state.Definition is not { } definition) return Task.CompletedTask;
        if (state.Ended && state.Replicas.IsEmpty && state.Leaving.IsEmpty) return Task.CompletedTask;
        _life = new KernelLife(definition, state, keepingByDefault, standbyPolicy);
        StartReclaiming();
        StartCulling();
        BeginRecall();
        RecoverSoon();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        try
        {
            if (_recordIsBehind) await StoreAsync();
        }
        finally
        {
            // Here, for calls wait by now: a cell that is submitted again finds the next activation, not this one.
            if (_life is { Ended: false }) _subscribers.Tell(o => o.BeginsAnew(Id));
        }
    }

    /// <inheritdoc/>
    public async Task Start(KernelDefinition definition, KeepingRequest keeping, ImmutableArray<ServerId> servers)
    {
        if (_life is not null || record.State.Ended) return;
        var state = new KernelRecord { Session = NewSession(), Incarnation = 1, Keeping = keeping };
        _life = new KernelLife(definition, state, keepingByDefault, standbyPolicy);
        foreach (var server in servers) _life.Add(server);
        _life.Found();
        _lastActivity = time.GetUtcNow();
        StartReclaiming();
        StartCulling();
        LogStarted(Id, definition.SpecName, definition.User, string.Join(", ", servers.Select(s => s.Value)));
        await StoreAsync();
        await AssignAsync(_life.Replicas);
        await ReserveAsync();
        WatchReplicas();
        Publish();
    }

    /// <inheritdoc/>
    public Task<KernelView?> View() => Task.FromResult(_life is { Ended: false } ? MakeView(int.MaxValue) : null);

    /// <inheritdoc/>
    public async Task<KernelView?> Keep(KeepingRequest keeping)
    {
        if (_life is not { Ended: false }) return null;
        if (_life.Definition.IsForeign) return MakeView(int.MaxValue);   // there is nothing to keep; gateways refuse it
        _life.Keep(keeping);
        LogKept(Id, _life.Keeping.Durability, _life.StandbyChoice.Reason);
        await StoreAsync();
        await AssignAsync(_life.Replicas);
        Publish();
        return MakeView(int.MaxValue);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<Decision>> Explain() => Task.FromResult(_decisions.Of(null));

    /// <inheritdoc/>
    public async Task<SubmitOutcome> Submit(CellSubmission cell)
    {
        if (_life is not { Ended: false }) return new SubmitOutcome.Refused($"there is no kernel {Id}");
        if (_life.DeadReason is { } dead && _endings.Find(cell.MessageId) is null)
            return new SubmitOutcome.Refused($"the kernel is dead: {dead}. Restart it to try again.");
        _lastActivity = time.GetUtcNow();
        var outcome = _queue.Submit(cell);
        LogSubmitted(Id, cell.MessageId, outcome);
        if (outcome is SubmitOutcome.Accepted { Ahead: 0 }) await RunNextAsync();
        else if (outcome is SubmitOutcome.Accepted) await AskAfterRunningAsync();
        if (outcome is SubmitOutcome.Ended { Ending.Execution: 0 }) await StoreAsync();
        if (_queue.IsBusy) await WakeAsync("a cell");   // its executor has been woken by the order; now the others
        Publish();
        return outcome;
    }

    /// <inheritdoc/>
    public async Task<bool> Interrupt()
    {
        if (_life is not { Ended: false }) return false;
        _lastActivity = time.GetUtcNow();
        if (_queue.Next is not null && _isQueued)
        {
            await EndAsync(_queue.EndNext(CellEndKind.Aborted, "it was interrupted while it waited for GPUs"));
            await RunNextAsync();
        }
        else if (_life.Executor is { } executor)
        {
            await Replica(_life.Find(executor)!).Interrupt();
        }

        Publish();
        return true;
    }

    /// <inheritdoc/>
    public async Task<KernelView?> Restart()
    {
        if (_life is not { Ended: false }) return null;
        _lastActivity = time.GetUtcNow();
        LogRestarted(Id, _life.Incarnation + 1);
        await EndAllAsync("the kernel was restarted");
        if (_life.Move is not null) await EndMoveAsync("the kernel was restarted");
        _life.Restart(NewSession());
        await StoreAsync();
        await AssignAsync(_life.Replicas);
        Publish();
        return MakeView(int.MaxValue);
    }

    /// <inheritdoc/>
    public async Task<bool> Shutdown()
    {
        if (_life is not { Ended: false }) return false;
        LogShutdown(Id);
        await EndKernelAsync("was shut down");
        return true;
    }

    /// <inheritdoc/>
    public Task<KernelView?> Subscribe(IKernelObserver observer, int connections)
    {
        if (_life is { Ended: false }) _subscribers.Add(observer, connections);
        return View();
    }

    /// <inheritdoc/>
    public Task Unsubscribe(IKernelObserver observer)
    {
        _subscribers.Remove(observer);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task ReplicaChanged(ReplicaView replica)
    {
        if (_life is not { Ended: false }) return;
        if (_life.Find(replica.Id) is null)
        {
            await RemoveAsync(replica.Id, replica.Server);   // another took its place, and a crash kept it from being told
            return;
        }

        var isWoken = IsWokenBy(replica);
        var news = _life.Hear(replica);
        WatchReplicas();
        if (news == ReplicaNews.ExecutorLost) await LoseExecutorAsync(replica.Server, replica.Reason ?? "its process ended");
        else if (news == ReplicaNews.Changed) await ReplicaCameOrWentAsync();
        if (_orderIsUnsent && _queue.Running?.Replica == replica.Id) await OrderAsync();
        if (isWoken) await WakeAsync(replica.Held ?? "a message");
        if (_life.ToHeal is { } damaged) await AddReplicaAsync(damaged.Server, damaged);
        await MoveOnAsync();
        await TellPeersAsync();
        Publish();
    }

    /// <inheritdoc/>
    public async Task ExecutionReported(ReplicaId replica, ExecutionReport report)
    {
        if (_life is not { Ended: false } || _queue.Running is not { } running) return;
        if (running.Execution != report.Execution || running.MessageId != report.MessageId) return;
        if (running.Loss is null && running.Replica != replica) return;
        if (report.Phase != ExecutionPhase.Running) LogReported(Id, report.Execution, report.Phase, report.Reason);   // else it was ordered, and logged
        if (report.CellDefault is { } said && _life.Set(said))
        {
            LogSetByNotebook(Id, _life.SetByNotebook);
            await StoreAsync();   // before the next cell is scheduled by it, and before its agent may forget it
        }

        if (running.Loss is not null)
        {
            await HearOfLostAsync(replica, report);
            Publish();
            return;
        }

        switch (report.Phase)
        {
            case ExecutionPhase.Running:
                _orderIsUnsent = false;
                break;
            case ExecutionPhase.Succeeded:
                await EndRunningAsync(CellEndKind.Completed, null, failed: false);
                break;
            case ExecutionPhase.Failed:
                await EndRunningAsync(CellEndKind.Completed, null, failed: true);
                break;
            case ExecutionPhase.Refused:
                await EndRunningAsync(CellEndKind.Refused, report.Reason ?? "its server would not run it", failed: true);
                break;
            case ExecutionPhase.NotNow when report.Epoch == running.Epoch:
                await PostponeAsync(running, report.Reason ?? "its replica was not ready");
                break;
            case ExecutionPhase.NotNow:
                break;   // of an order before this one, said again
            case ExecutionPhase.ProcessLost or ExecutionPhase.NotKept:
                var lost = _life.Find(replica)! with { Phase = ReplicaPhase.Lost, ProcessId = 0, Reason = report.Reason };
                if (_life.Hear(lost) == ReplicaNews.ExecutorLost)
                    await LoseExecutorAsync(lost.Server, report.Reason ?? "its process ended", report.Phase);
                break;
            default:
                break;   // a phase of a later release: the report that ends the cell will come
        }

        Publish();
    }

    /// <inheritdoc/>
    public async Task RoomFreed(ServerId server)
    {
        if (_life is { Ended: false }) await RunNextAsync();
        if (!_isQueued && _reserved?.Server != server) await Server(server).Release(Id, LastEnded);   // so that what was kept goes to the next
        Publish();
    }

    /// <inheritdoc/>
    public async Task AddReplica(ServerId server)
    {
        if (_life is not { Ended: false } || !_life.Wants(server, IsGivenUp, out var replaced)) return;
        await AddReplicaAsync(server, replaced);
        WatchReplicas();
        Publish();
    }

    /// <summary>Ends the kernel for good.</summary>
    /// <param name="what">What happened to it, as in "it was shut down".</param>
    private async Task EndKernelAsync(string what)
    {
        await EndAllAsync($"the kernel {what}");
        _life!.End($"it {what}");
        Publish();
        _life.RemoveAll();
        await StoreAsync();
        await LeaveAsync();
    }

    private IClusterManagerGrain Manager => GrainFactory.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key);

    private static string NewSession() => Guid.NewGuid().ToString();

    private IReplicaGrain Replica(ReplicaView replica) => GrainFactory.Replica(replica.Id, replica.Server);

    private IGpuServerGrain Server(ServerId server) => GrainFactory.GetGrain<IGpuServerGrain>(server.Value);
}
