using Notebook.Grains.Replicas;

namespace Notebook.Grains.Kernels;

/// <summary>Replicas that come, go and are lost.</summary>
internal sealed partial class KernelGrain
{
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(5);
    private readonly RestartBudget _losses = new();   // of processes of a kernel that is not ours
    private IGrainTimer? _recovery;
    private ImmutableArray<ReplicaPeer> _toldPeers = [];   // to all replicas

    /// <summary>After an activation: repeats every order that a crash may have swallowed, once the activation is done.</summary>
    private void RecoverSoon() =>
        _recovery = this.RegisterGrainTimer(RecoverAsync, new GrainTimerCreationOptions(TimeSpan.Zero, s_recovery) { KeepAlive = true });

    private async Task RecoverAsync()
    {
        _recovery?.Dispose();
        _recovery = null;
        if (_life is null) return;
        if (_life.Ended)
        {
            await LeaveAsync();
            return;
        }

        LogRecovering(Id, _life.Replicas.Count, _queue.Running?.Execution);
        WatchReplicas();
        try
        {
            await AssignAsync(_life.Replicas);
            await LetGoAsync();
            if (IsRecalling) await GoOnRecallingAsync();
            else if (_queue.Running is not null) await OrderAsync();
            await MoveOnAsync();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            RecoverLater(e.Message);
        }

        Publish();
    }

    private void RecoverLater(string reason)
    {
        LogRecoveryFailed(Id, reason);
        _recovery ??= this.RegisterGrainTimer(RecoverAsync, new GrainTimerCreationOptions(s_recovery, s_recovery) { KeepAlive = true });
    }

    /// <summary>
    /// Has the servers take the replicas in, which tells where each is to be found, then the replicas start with that. What they are to
    /// do is stored: who cannot be told now is told later.
    /// </summary>
    private async Task AssignAsync(IReadOnlyCollection<ReplicaView> replicas)
    {
        var peers = _life!.Peers;
        try
        {
            await Task.WhenAll(replicas.Select(PlaceAsync).ToArray());
            peers = _life.Peers;
            await Task.WhenAll(replicas.Select(r => Replica(r).Assign(_life.AssignmentOf(r))).ToArray());
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            RecoverLater(e.Message);
            return;
        }

        if (replicas.Count == _life.Replicas.Count) _toldPeers = peers;   // else the new one's first word has the others told
    }

    private async Task PlaceAsync(ReplicaView replica) =>
        _life!.Locate(replica.Server, await Server(replica.Server).Place(replica.Id, _life.Definition.Promise));

    /// <summary>
    /// A new replica on a server, perhaps in place of another. What is stored comes first: a replica that was given up must
    /// never be started again with nothing, since it may have promised things.
    /// </summary>
    private async Task AddReplicaAsync(ServerId server, ReplicaView? replaced)
    {
        if (replaced is not null) _life!.Remove(replaced.Id);
        var replica = _life!.Add(server);
        if (_life.Definition.IsForeign) _life.Found();   // there is no group that it could join
        LogReplicaAdded(Id, replica.Id, server, replaced?.Id, replaced?.Reason);
        await StoreAsync();
        await LetGoAsync();
        await AssignAsync([replica]);
    }

    /// <inheritdoc/>
    public async Task LogHeld(ServerId server, HeldLog held)
    {
        // Only what is stored here is certain: of a kernel that nobody knows, the storage may be lost and the log the last that there is.
        if (record.State.Definition is not null && KernelLife.HasGivenUp(_life, server, held)) await Server(server).DropLog(held);
    }

    /// <summary>Tells the replicas where the others are, when that is news.</summary>
    private async Task TellPeersAsync()
    {
        var peers = _life!.Peers;
        if (peers.SequenceEqual(_toldPeers)) return;
        try
        {
            await Task.WhenAll(_life.Replicas.Select(r => Replica(r).SetPeers(peers)).ToArray());
            _toldPeers = peers;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            LogPeersNotTold(Id, e.Message);   // the silo of a replica's grain is gone: its agent's word from another one brings us here again
        }
    }

    /// <summary>A replica other than the executor changed or went, or the executor came up.</summary>
    private async Task ReplicaCameOrWentAsync()
    {
        if (_life!.DieIfHopeless())
        {
            LogDied(Id, _life.DeadReason!);
            await EndAllAsync(_life.DeadReason!);
            await UnreserveAsync();
        }
        else
        {
            Elect();
        }

        await StoreAsync();
        await RunNextAsync();
    }

    private async Task LoseExecutorAsync(ServerId server, string reason, ExecutionPhase cell = ExecutionPhase.ProcessLost)
    {
        LogExecutorLost(Id, _life!.Executor, server, reason, _queue.Running?.Execution);
        if (_life.Definition.IsForeign)
        {
            await LoseVariablesAsync(server, reason);
            return;
        }

        _lostTheTeller |= _lastCompleted is not null && _lastCompleted.Teller == _life.Executor;
        _life.LoseExecutor();
        Elect();
        if (_queue.Running is { Loss: null } running)
        {
            await ReleaseAsync(running);
            if (_mayHaveRun) _queue.Lose(new ExecutorLoss(server, reason, cell == ExecutionPhase.NotKept));
            else await EndAsync(_queue.End(CellEndKind.Aborted, LostCell.NotRun(server, reason), failed: false));
            _orderIsUnsent = false;
            BeginRecall();
        }

        if (_life.DieIfHopeless() && _queue.Running is { Loss: { } loss })
        {
            var (kind, text, failed) = LostCell.Unknown(loss, TimeSpan.Zero, _life.DeadReason);
            await EndAsync(_queue.End(kind, text, failed));
        }

        Elect();
        await StoreAsync();
        await RunNextAsync();   // what waits goes on at the next executor
    }

    /// <summary>The only process of a kernel that is not ours is gone. Cells that wait were sent for the variables that it had.</summary>
    private async Task LoseVariablesAsync(ServerId server, string reason)
    {
        if (_queue.Running is { } running)
        {
            await ReleaseAsync(running);
            var (kind, text, failed) = _mayHaveRun
                ? LostCell.WithVariables(new ExecutorLoss(server, reason, false))
                : (CellEndKind.Aborted, LostCell.NothingToRunOn(server, reason), true);
            await EndAsync(_queue.End(kind, text, failed));
        }

        _orderIsUnsent = false;
        await EndAsync(_queue.AbortWaiting(LostCell.NothingToRunOn(server, reason)));
        if (_losses.Ended(time.GetUtcNow()) is null)
        {
            _life!.GiveUp($"its process ended {RestartBudget.Limit} times within a minute, the last time because: {reason}");
            LogDied(Id, _life.DeadReason!);
            await UnreserveAsync();
            await StoreAsync();
            return;
        }

        _life!.LoseVariables(NewSession());
        await StoreAsync();
        await AssignAsync(_life.Replicas);
    }

    /// <summary>As before a crash, at whoever is the executor now.</summary>
    private async Task GoOnRecallingAsync()
    {
        Elect();
        await StoreAsync();
        await RecallRunningAsync();
    }

    private void Elect()
    {
        if (_life!.Executor is not null || _life.DeadReason is not null) return;
        if (policy.Order(null, _life.Candidates) is [var first, ..]) _life.Lead(first);
    }
}
