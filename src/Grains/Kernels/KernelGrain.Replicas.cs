namespace Notebook.Grains.Kernels;

/// <summary>Replicas that come, go and are lost.</summary>
internal sealed partial class KernelGrain
{
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(5);
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
            await CleanUpAsync();
            return;
        }

        LogRecovering(Id, _life.Replicas.Count, _queue.Running?.Execution);
        try
        {
            await AssignAsync(_life.Replicas);
            if (_queue.Running is not null) await OrderAsync();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            LogRecoveryFailed(Id, e.Message);
            _recovery = this.RegisterGrainTimer(RecoverAsync, new GrainTimerCreationOptions(s_recovery, s_recovery) { KeepAlive = true });
        }

        Publish();
    }

    /// <summary>Has the servers take the replicas in, which tells where each is to be found, then the replicas start with that.</summary>
    private async Task AssignAsync(IReadOnlyCollection<ReplicaView> replicas)
    {
        await Task.WhenAll(replicas.Select(PlaceAsync).ToArray());
        var peers = _life!.Peers;
        await Task.WhenAll(replicas.Select(r => Replica(r).Assign(_life.AssignmentOf(r))).ToArray());
        if (replicas.Count == _life.Replicas.Count) _toldPeers = peers;   // else the new one's first word has the others told
    }

    private async Task PlaceAsync(ReplicaView replica) =>
        _life!.Locate(replica.Server, await Server(replica.Server).Place(replica.Id, _life.Definition.Resources?.Gpus ?? 0));

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

    private async Task RemoveAsync(ReplicaView replica)
    {
        await Replica(replica).Remove();
        await Server(replica.Server).Unplace(replica.Id);
    }

    /// <summary>A replica other than the executor changed, or the executor came up.</summary>
    private async Task ReplicaCameOrWentAsync()
    {
        if (_life!.DieIfHopeless())
        {
            LogDied(Id, _life.DeadReason!);
            await EndAllAsync(_life.DeadReason!);
        }
        else
        {
            Elect();
        }

        await StoreAsync();
        await RunNextAsync();
    }

    private async Task LoseExecutorAsync(ServerId server, string reason)
    {
        LogExecutorLost(Id, _life!.Executor, server, reason, _queue.Running?.Execution);
        var lost = _life.Find(_life.Executor!.Value)!;
        var running = _queue.Running;
        var neverSent = !_mayHaveRun;
        var stateIsGone = _life.LoseExecutor();
        Elect();

        if (running is not null) await ReleaseAsync(running);
        if (stateIsGone) await EndAsync(EndingsOfLoss(running, neverSent, server, reason));
        if (!_life.DieIfHopeless()) Elect();
        await StoreAsync();
        if (stateIsGone) await AssignAsync([_life.Find(lost.Id)!]);   // whatever of the old process is left is not ours any more
        await RunNextAsync();
    }

    private ImmutableArray<CellEnding> EndingsOfLoss(RunningCell? running, bool neverSent, ServerId server, string reason)
    {
        var next = _life!.Executor is { } executor
            ? $"The kernel goes on with an empty namespace on server {_life.Find(executor)!.Server}"
            : "The kernel goes on with an empty namespace as soon as one of its replicas is up";
        var kept = $"The kernel's variables were in that process alone and are gone. {next}: run the cells that you need again.";
        ImmutableArray<CellEnding> ended = running is null ? []
            : neverSent ? _queue.End(CellEndKind.Aborted, $"It has not run: the kernel process on server {server} is gone ({reason}). {kept}", failed: false)
            : _queue.End(CellEndKind.ExecutorLost, $"The kernel process on server {server} is gone ({reason}) while this cell ran. {kept}", failed: false);
        return [.. ended, .. _queue.AbortWaiting($"It has not run: the kernel process on server {server} is gone ({reason}). {kept}")];
    }

    private void Elect()
    {
        if (_life!.Executor is not null) return;
        if (policy.Order(null, _life.Candidates) is [var first, ..]) _life.Lead(first);
    }

    /// <summary>The kernel ended: ends its replicas, and forgets them when that is done.</summary>
    private async Task CleanUpAsync()
    {
        foreach (var replica in _life!.Replicas.ToArray())
        {
            await RemoveAsync(replica);
            _life.Remove(replica.Id);
        }

        await StoreAsync();
        await GrainFactory.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).KernelEnded(Id);
        _life = null;
        DeactivateOnIdle();
    }
}
