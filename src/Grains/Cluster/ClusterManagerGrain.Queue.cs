using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Cluster;

/// <summary>Cells that wait for GPUs: the shell round <see cref="ClusterQueue"/>.</summary>
internal sealed partial class ClusterManagerGrain
{
    private static readonly TimeSpan s_holdLimit = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<WaitOutcome> Wait(WaitingCell cell)
    {
        if (WhyNever(cell) is { } never)
        {
            await LeaveQueue(cell.Kernel, cell.Execution);
            Decide("queue", cell.Kernel, cell.Execution, "", "refused", never, Considered(cell.Amounts, []));
            return new WaitOutcome.Refused(never);
        }

        var joined = _queue.Join(cell, time.GetUtcNow());
        if (joined is null)
        {
            return new WaitOutcome.Refused(
                $"the cell asks for {cell.Amounts}, and {ClusterQueue.Capacity} cells of the cluster wait for GPUs already, more than which may not: try again later");
        }

        NoteDemand();
        TickSoon();
        if (joined == false) return _queue.OfferTo(cell.Kernel) is { } kept ? new WaitOutcome.Room(kept) : Queued(cell.Kernel);   // the next turn is soon

        await StoreQueueAsync();
        var offer = await TurnAsync(cell.Kernel);
        if (offer is { } server) return new WaitOutcome.Room(server);
        if (!_queue.Unmet.IsEmpty) await GrowSoonAsync();
        return Queued(cell.Kernel);
    }

    private WaitOutcome.Queued Queued(KernelId kernel) => new(_queue.PlaceOf(kernel)?.Reason ?? "GPUs");

    /// <inheritdoc/>
    public async Task LeaveQueue(KernelId kernel, long execution)
    {
        if (!_queue.Leave(kernel, execution)) return;
        NoteDemand();
        await StoreQueueAsync();
        await TurnAsync();
    }

    /// <summary>Why no server can ever run the cell; null when one can, or could if it were up.</summary>
    private string? WhyNever(WaitingCell cell)
    {
        if (_board.All.Count == 0 || _board.All.Any(s => cell.Amounts.FitsIn(s.Account.Spec))) return null;
        if (CanGrow && cell.Amounts.Gpus <= scaling.GpusPerServer) return null;
        var largest = _board.All.MaxBy(s => s.Account.Spec.Gpus)!.Account.Spec;
        return cell.Amounts.Gpus > largest.Gpus
            ? $"the cell asks for {cell.Amounts.Gpus} GPUs, but no server has more than {largest.Gpus}: ask for fewer GPUs"
            : $"the cell asks for {cell.Amounts}, but no server has as much; the largest has {largest}: ask for less";
    }

    /// <summary>A turn of the queue, and what follows from it.</summary>
    /// <param name="asking">The kernel that asks in this turn: it is not told of an offer, but gets it as its answer.</param>
    /// <returns>The offer to the kernel that asks.</returns>
    private async Task<ServerId?> TurnAsync(KernelId? asking = null)
    {
        ServerId? offer = null;
        var steps = _queue.Turn(_board, time.GetUtcNow(), GpuLimit, _moves.Keys.ToHashSet());
        foreach (var step in steps)
        {
            switch (step)
            {
                case QueueStep.Offer { Cell: var cell, Server: var server } when cell.Kernel == asking:
                    offer = server;
                    NoteOffer(cell, server);
                    await HoldAsync(server, cell, isIdle: true);
                    break;
                case QueueStep.Offer { Cell: var cell, Server: var server }:
                    NoteOffer(cell, server);
                    _ = BesideAsync(OfferAsync(server, cell), $"offer room at server {server} to kernel {cell.Kernel}");
                    break;
                case QueueStep.Keep { Cell: var cell, Server: var server, IsIdle: var isIdle }:
                    _ = BesideAsync(HoldAsync(server, cell, isIdle), $"keep room at server {server} for kernel {cell.Kernel}");
                    break;
                case QueueStep.Move { Cell: var cell, Decision: var decision }:
                    LogMoving(cell.Kernel, decision.Replica, decision.Target, migration.Name, decision.Reason);
                    Decide("move", cell.Kernel, cell.Execution, migration.Name, $"replica {decision.Replica.Number} moves to server {decision.Target}",
                        $"none of the kernel's servers has {cell.Amounts} idle; {decision.Reason}", Considered(cell.Amounts, [decision.Target]));
                    _ = BesideAsync(MoveForAsync(cell, decision), $"move a replica of kernel {cell.Kernel} to server {decision.Target}");
                    break;
                default:
                    throw new InvalidOperationException("an unknown step of the queue");
            }
        }

        return offer;
    }

    private void NoteOffer(WaitingCell cell, ServerId server)
    {
        LogOffered(cell.Kernel, cell.Execution, cell.Amounts, server);
        var place = _queue.PlaceOf(cell.Kernel);
        Decide("queue", cell.Kernel, cell.Execution, queuePolicy.Name, $"{cell.Amounts} kept for it on server {server}",
            $"it was number {place?.Place} of {_queue.Count} in the queue, since {place?.Since:HH:mm:ss}", []);
    }

    private async Task OfferAsync(ServerId server, WaitingCell cell)
    {
        await HoldAsync(server, cell, isIdle: true);
        await Kernel(cell.Kernel).RoomFreed(server);
    }

    private async Task MoveForAsync(WaitingCell cell, MigrationDecision decision)
    {
        await HoldAsync(decision.Target, cell, isIdle: true);
        await Kernel(cell.Kernel).Move(decision.Replica, decision.Target, decision.Reason);
    }

    private Task HoldAsync(ServerId server, WaitingCell cell, bool isIdle) =>
        Server(server).Hold(cell.Kernel, cell.Execution, cell.Amounts, isIdle).WaitAsync(s_holdLimit, time);

    private async Task StoreQueueAsync()
    {
        queueRecord.State = _queue.Record;
        await queueRecord.WriteStateAsync();
    }

    [LoggerMessage(EventId = 3311, Level = LogLevel.Information, Message = "Kernel {Kernel}: {Amounts} for execution {Execution} are kept on server {Server}")]
    private partial void LogOffered(KernelId kernel, long execution, ResourceAmounts amounts, ServerId server);

    [LoggerMessage(EventId = 3312, Level = LogLevel.Information, Message = "Kernel {Kernel}: replica {Replica} moves to server {Server}, says {Policy}: {Reason}")]
    private partial void LogMoving(KernelId kernel, ReplicaId replica, ServerId server, string policy, string reason);
}
