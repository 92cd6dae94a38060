namespace Notebook.Grains.Kernels;

/// <summary>The path of a cell through the kernel: chosen, noted, ordered, ended.</summary>
internal sealed partial class KernelGrain
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(10);

    private readonly DecisionLog _decisions = new(capacity: 100);
    private readonly List<Considered> _answers = [];      // of the servers, to the requests for GPUs of the cell that is next
    private bool _isQueued;                               // the next cell waits in the cluster's queue
    private string? _waitingFor;
    private DateTimeOffset _asked;                        // when the queue was asked last
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
        if (_life is { Ended: false, DeadReason: null } && IsRecalling)
        {
            await RecallRunningAsync();
            return;
        }

        if (_life is { Ended: false, DeadReason: null }) await RecallLastCompletedAsync();
        while (_life is { Ended: false, DeadReason: null } && _queue.Next is { } cell)
        {
            switch (await ChooseAsync(cell))
            {
                case Choice.Run run:
                    _waitingFor = null;
                    _life.Lead(run.Replica);
                    _life.Ran();
                    _queue.Start(run.Replica, _life.Epoch, run.Lease);
                    (_mayHaveRun, _orders) = (false, 0);
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
        if (_life!.IsHandingOver) return new Choice.Wait($"server {_life.Move!.Target} to take the kernel over");
        var order = ExecutorChoice.Order(_life, policy);
        if (order.IsEmpty) return new Choice.Wait(_life.WaitsForServer ?? "a process of the kernel to come up");
        var amounts = (cell.Resources ?? _life.PerCell).Amounts;
        if (amounts.Gpus == 0)
        {
            await LeaveQueueAsync(cell.Execution);
            Decide(cell.Execution, $"runs at replica {order[0].Number}", "it asks for no GPU", [.. order.Skip(1).Select(r => new Considered($"replica {r.Number}", "would have been next"))]);
            return new Choice.Run(order[0], null);
        }

        if (Reserves) return await ChooseReservedAsync(cell, amounts, order);

        // The first choice is asked at once; only when it has no room it matters what the others have.
        _answers.Clear();
        if (await LeaseAtAsync([order[0]], cell.Execution, amounts) is { } first) return first;
        if (order.Length > 1)
        {
            var others = ExecutorChoice.Order(_life!, policy, await IdleGpusAsync(order[1..])).Remove(order[0]);
            if (await LeaseAtAsync(others, cell.Execution, amounts) is { } other) return other;
        }

        return await QueueAsync(cell, amounts);
    }

    /// <summary>The first of these replicas whose server grants the lease; null when none does.</summary>
    private async Task<Choice.Run?> LeaseAtAsync(ImmutableArray<ReplicaId> replicas, long execution, ResourceAmounts amounts)
    {
        foreach (var replica in replicas)
        {
            var server = _life!.Find(replica)!.Server;
            var answer = await LeaseAsync(server, execution, amounts);
            if (answer is not LeaseOutcome.Granted granted)
            {
                _answers.Add(new($"replica {replica.Number}", answer is LeaseOutcome.Full full ? full.Reason : ((LeaseOutcome.Impossible)answer).Reason));
                continue;
            }

            if (Reserves) _reserved = granted.Lease;
            await LeaveQueueAsync(execution);
            Decide(execution, $"runs at replica {replica.Number} on server {server} with GPUs {string.Join(", ", granted.Lease.Devices)}",
                _life.Executor == replica && _life.HasState ? "it ran the last cell, so its memory is warm" : "the first in the policy's order with room", [.. _answers]);
            return new Choice.Run(replica, granted.Lease);
        }

        return null;
    }

    private async Task<Choice> QueueAsync(QueuedCell cell, ResourceAmounts amounts)
    {
        _asked = time.GetUtcNow();
        var definition = _life!.Definition;
        var outcome = await Manager.Wait(
            new WaitingCell(Id, cell.Execution, cell.MessageId, definition.User, amounts, MakeView(0).Movables) { SpecName = definition.SpecName });
        _isQueued = outcome is not WaitOutcome.Refused;
        switch (outcome)
        {
            case WaitOutcome.Room { Server: var server }:
                var there = _life.Candidates.Where(c => c.Server == server).Select(c => c.Replica).ToImmutableArray();
                if (await LeaseAtAsync(there, cell.Execution, amounts) is { } run) return run;
                _asked = default;   // its grain, or the agent, is away for a moment: ask again with the next retry
                return new Choice.Wait($"{amounts} kept for it on server {server}");
            case WaitOutcome.Queued { Reason: var reason }:
                Decide(cell.Execution, "waits", reason, [.. _answers]);
                return new Choice.Wait(reason);
            case WaitOutcome.Refused { Reason: var reason }:
                return new Choice.Never(reason);
            default:
                throw new InvalidOperationException("an unknown answer of the queue");
        }
    }

    private void Decide(long execution, string outcome, string reason, ImmutableArray<Considered> considered) =>
        _decisions.Note(new Decision(time.GetUtcNow(), "executor", Id, execution, policy.Name, outcome, reason, considered));

    private async Task<LeaseOutcome> LeaseAsync(ServerId server, long execution, ResourceAmounts amounts)
    {
        try
        {
            return await Server(server).Lease(Id, _life!.Definition.User, Reserves ? 0 : execution, amounts);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return new LeaseOutcome.Full($"server {server}: {e.Message}");
        }
    }

    private async Task<Dictionary<ServerId, int>> IdleGpusAsync(ImmutableArray<ReplicaId> replicas)
    {
        var summaries = await Task.WhenAll(replicas.Select(r => SummaryAsync(_life!.Find(r)!.Server)));
        return summaries.OfType<ServerSummary>().ToDictionary(s => s.Server, s => s.Account.Idle.Gpus);
    }

    private async Task<ServerSummary?> SummaryAsync(ServerId server)
    {
        try
        {
            return await Server(server).Summary();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return null;   // it is asked for the lease all the same, after the others
        }
    }

    /// <summary>Gives the running cell to its replica. Again is safe: an agent takes one message once.</summary>
    private async Task OrderAsync()
    {
        var cell = _queue.Running!;
        _orderIsUnsent = !await TryOrderAsync(cell);
        LogOrdered(Id, cell.Execution, cell.MessageId, cell.Replica, !_orderIsUnsent);
        if (_orderIsUnsent) RetryLater();
        else LookAfterOrder();
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
            if (sent) _orders++;
            return sent;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            _orders++;
            _mayHaveRun = true;   // the silo of the replica's grain is gone, perhaps after it sent the order
            return false;
        }
    }

    private async Task EndRunningAsync(CellEndKind kind, string? reason, bool failed)
    {
        var running = _queue.Running!;
        if (kind == CellEndKind.Completed) NoteCompleted(running);
        await ReleaseAsync(running);
        await EndAsync(_queue.End(kind, reason, failed));
        await MoveOnAsync();
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
        await LeaveQueueAsync(endings[^1].Execution);
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
        cell.Lease is { } lease && !Reserves ? Server(lease.Server).Release(Id, cell.Execution) : Task.CompletedTask;

    private Task LeaveQueueAsync(long execution)
    {
        if (!_isQueued) return Task.CompletedTask;
        _isQueued = false;
        return Manager.LeaveQueue(Id, execution);
    }

    /// <summary>Asks again in a while: what we wait for is announced, but an announcement may be lost.</summary>
    private void RetryLater() =>
        _retry ??= this.RegisterGrainTimer(RetryAsync, new GrainTimerCreationOptions(s_retry, s_retry) { KeepAlive = true });

    private async Task RetryAsync()
    {
        if (_orderIsUnsent) await OrderAsync();
        else if (!_isQueued || time.GetUtcNow() - _asked >= s_askAgain) await RunNextAsync();
        Publish();
        if (_orderIsUnsent || IsRecalling || _lostTheTeller || _queue.Next is not null) return;
        _retry?.Dispose();
        _retry = null;
    }
}
