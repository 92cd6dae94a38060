namespace Notebook.Grains.Kernels;

/// <summary>The path of a cell through the kernel: chosen, noted, ordered, ended.</summary>
internal sealed partial class KernelGrain
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly HashSet<ServerId> _waitingAt = [];   // servers in whose lines the next cell stands
    private string? _waitingFor;
    private bool _orderIsUnsent;                          // the running cell is noted, but its order has to be sent again
    private bool _mayHaveRun;                             // an order for it may have reached the agent
    private IGrainTimer? _retry;

    /// <summary>No execution up to this one wants GPUs any more.</summary>
    private long LastEnded => (_queue.Running?.Execution ?? _queue.Next?.Execution ?? _queue.NextExecution) - 1;

    private abstract record Choice
    {
        public sealed record Run(ReplicaId Replica, GpuLease? Lease) : Choice;

        public sealed record Wait(string Reason) : Choice;

        public sealed record Never(string Reason) : Choice;
    }

    private async Task RunNextAsync()
    {
        while (_life is { Ended: false, DeadReason: null } && _queue.Next is { } cell)
        {
            switch (await ChooseAsync(cell))
            {
                case Choice.Run run:
                    _waitingFor = null;
                    _life.Lead(run.Replica);
                    _life.Ran();
                    _queue.Start(run.Replica, _life.Epoch, run.Lease);
                    _mayHaveRun = false;
                    await StoreAsync();      // from here on the cell may run, so it is never given to anybody again
                    await OrderAsync();
                    if (!_orderIsUnsent || _mayHaveRun || !_life.HasOtherThan(run.Replica)) return;
                    await GiveToAnotherAsync(run.Replica);
                    break;
                case Choice.Wait wait:
                    _waitingFor = wait.Reason;
                    RetryLater();
                    return;
                case Choice.Never never:
                    await EndAsync(_queue.EndNext(CellEndKind.Refused, never.Reason));
                    break;
                default:
                    throw new InvalidOperationException("an unknown choice");
            }
        }
    }

    private async Task<Choice> ChooseAsync(QueuedCell cell)
    {
        var order = ExecutorChoice.Order(_life!, policy);
        if (order.IsEmpty) return new Choice.Wait("waiting for a process of the kernel to come up");
        var gpus = (cell.Resources ?? _life!.PerCell).Gpus;
        if (gpus == 0)
        {
            await LeaveLinesAsync(cell.Execution, except: null);
            return new Choice.Run(order[0], null);
        }

        string? full = null, impossible = null;
        foreach (var replica in order)
        {
            var server = _life!.Find(replica)!.Server;
            switch (await LeaseAsync(server, cell.Execution, gpus))
            {
                case LeaseOutcome.Granted granted:
                    await LeaveLinesAsync(cell.Execution, except: server);
                    return new Choice.Run(replica, granted.Lease);
                case LeaseOutcome.Full { Reason: var reason }:
                    _waitingAt.Add(server);
                    full ??= reason;
                    break;
                case LeaseOutcome.Impossible { Reason: var reason }:
                    impossible ??= reason;
                    break;
                default:
                    throw new InvalidOperationException("an unknown answer to a request for GPUs");
            }
        }

        return full is not null ? new Choice.Wait(full) : new Choice.Never($"{impossible}: ask for fewer GPUs");
    }

    private async Task<LeaseOutcome> LeaseAsync(ServerId server, long execution, int gpus)
    {
        try
        {
            return await Server(server).Lease(Id, execution, gpus);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return new LeaseOutcome.Full($"waiting for server {server}: {e.Message}");
        }
    }

    /// <summary>Gives the running cell to its replica. Again is safe: an agent takes one message once.</summary>
    private async Task OrderAsync()
    {
        var cell = _queue.Running!;
        _orderIsUnsent = !await TryOrderAsync(cell);
        LogOrdered(Id, cell.Execution, cell.MessageId, cell.Replica, !_orderIsUnsent);
        if (_orderIsUnsent) RetryLater();
    }

    /// <summary>Its order did not leave, for the agent is not connected: the cell has not run, and goes to another replica.</summary>
    private async Task GiveToAnotherAsync(ReplicaId replica)
    {
        await ReleaseAsync(_queue.Running!);
        _queue.TakeBack();
        _orderIsUnsent = false;
        _life!.Miss(replica);
    }

    private async Task<bool> TryOrderAsync(RunningCell cell)
    {
        try
        {
            var sent = _life!.Find(cell.Replica) is { } replica && await Replica(replica).Run(cell.Order);
            _mayHaveRun |= sent;
            return sent;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            _mayHaveRun = true;   // the silo of the replica's grain is gone, perhaps after it sent the order
            return false;
        }
    }

    private async Task EndRunningAsync(CellEndKind kind, string? reason, bool failed)
    {
        await ReleaseAsync(_queue.Running!);
        await EndAsync(_queue.End(kind, reason, failed));
        await RunNextAsync();
        if (_endings.ArchiveIsDue) await ArchiveAsync();
    }

    /// <summary>Ends every cell, for a user who wants it so.</summary>
    private async Task EndAllAsync(string reason)
    {
        ImmutableArray<CellEnding> endings = [];
        if (_queue.Running is { } running)
        {
            await ReleaseAsync(running);
            endings = _queue.End(CellEndKind.Aborted, $"{reason} while this cell ran", failed: false);
        }

        await EndAsync([.. endings, .. _queue.AbortWaiting(reason)]);
    }

    /// <summary>Notes the ends of cells. A plain one is stored with the next write: the agent knows of it until then.</summary>
    private async Task EndAsync(ImmutableArray<CellEnding> endings)
    {
        if (endings.IsEmpty) return;
        if (_queue.Running is null) (_orderIsUnsent, _waitingFor) = (false, null);
        await LeaveLinesAsync(endings[^1].Execution, except: null);
        _recordIsBehind = true;
        if (endings.All(e => e.Kind == CellEndKind.Completed)) return;
        await StoreAsync();
        foreach (var ending in endings.Where(e => e.Kind != CellEndKind.Completed))
        {
            LogEnded(Id, ending.Execution, ending.MessageId, ending.Kind, ending.Reason);
            _subscribers.Tell(o => o.CellEnded(Id, ending));
        }
    }

    private Task ReleaseAsync(RunningCell cell) =>
        cell.Lease is { } lease ? Server(lease.Server).Release(Id, cell.Execution) : Task.CompletedTask;

    private async Task LeaveLinesAsync(long execution, ServerId? except)
    {
        if (_waitingAt.Count == 0) return;
        foreach (var server in _waitingAt.Where(s => s != except).ToArray()) await Server(server).Release(Id, execution);
        _waitingAt.Clear();
    }

    /// <summary>Asks again in a while: what we wait for is announced, but an announcement may be lost.</summary>
    private void RetryLater() =>
        _retry ??= this.RegisterGrainTimer(RetryAsync, new GrainTimerCreationOptions(s_retry, s_retry) { KeepAlive = true });

    private async Task RetryAsync()
    {
        if (_orderIsUnsent) await OrderAsync();
        else await RunNextAsync();
        Publish();
        if (_orderIsUnsent || _queue.Next is not null) return;
        _retry?.Dispose();
        _retry = null;
    }
}
