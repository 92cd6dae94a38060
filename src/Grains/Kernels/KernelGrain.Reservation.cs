namespace Notebook.Grains.Kernels;

/// <summary>
/// GPUs that the kernel holds as long as it lives (<see cref="GpuBinding.Kernel"/>): leased when it starts, or with its first
/// cell where there was no room then, used by each of its cells, and given back with its end. The lease bears the number 0 in
/// place of an execution's, so that asking for it again is asking for the same one.
/// </summary>
internal sealed partial class KernelGrain
{
    private GpuLease? _reserved;

    private bool Reserves => _life?.Definition.Binding == GpuBinding.Kernel;

    private async Task ReserveAsync()
    {
        if (!Reserves || _life!.Definition.Promise is not { Gpus: > 0 } amounts) return;
        foreach (var replica in _life.Replicas)
        {
            if (await LeaseAsync(replica.Server, execution: 0, amounts) is not LeaseOutcome.Granted { Lease: var lease }) continue;
            _reserved = lease;
            await StoreAsync();
            return;
        }
    }

    /// <summary>A cell runs with all that is reserved, however much less it asks for.</summary>
    private async Task<Choice> ChooseReservedAsync(QueuedCell cell, ResourceAmounts asked, ImmutableArray<ReplicaId> order)
    {
        var amounts = _life!.Definition.Promise;
        if (asked.Gpus > amounts.Gpus)
            return new Choice.Never($"the cell asks for {asked.Gpus} GPUs, but its kernel has reserved {amounts.Gpus}: ask for at most as many, or start a kernel with more");
        if (_reserved is { } lease && !order.Any(r => _life.Find(r)!.Server == lease.Server)) await UnreserveAsync();   // no replica is there any more
        _answers.Clear();
        var there = order.OrderByDescending(r => _life.Find(r)!.Server == _reserved?.Server).ToImmutableArray();
        return (Choice?)await LeaseAtAsync(there, cell.Execution, amounts) ?? await QueueAsync(cell, amounts);
    }

    /// <summary>The GPUs go with the replica that has moved away from them. Where they are not free there, the next cell waits for that.</summary>
    private async Task MoveReservationAsync()
    {
        if (_reserved is not { } lease || _life!.Replicas.Any(r => r.Server == lease.Server)) return;
        await UnreserveAsync();
        await ReserveAsync();
    }

    private async Task UnreserveAsync()
    {
        if (_reserved is not { } lease) return;
        _reserved = null;
        _recordIsBehind = true;
        await Server(lease.Server).Release(Id, lease.Execution);
    }
}
