namespace Notebook.Grains.Kernels;

/// <summary>
/// A replica may be unable to run the cell that it is given: its process ended a moment before, or a network that was cut keeps
/// it from leading the kernel. The cell has not run. So it goes to the next replica in an epoch of its own, and when none
/// could, to all of them again after a pause. Only when that goes on for too long its user is told.
/// </summary>
internal sealed partial class KernelGrain
{
    // From the first replica's word until none is asked any more. Each may take the 10 s for which an agent tries to lead.
    private static readonly TimeSpan s_postponeLimit = TimeSpan.FromSeconds(5);
    private readonly HashSet<ReplicaId> _unable = [];   // those that could not run the cell, or say what became of it, since the last pause
    private (long Execution, DateTimeOffset Since)? _postponed;
    private int _orders;                                // for the running cell, which may have reached an agent

    private async Task PostponeAsync(RunningCell cell, string reason)
    {
        var now = time.GetUtcNow();
        if (_postponed?.Execution != cell.Execution)
        {
            _postponed = (cell.Execution, now);
            _unable.Clear();
        }

        // One of several orders may have been carried out by an agent that does not know of it any more.
        if (!_queue.CanTakeBack || _orders != 1 || now - _postponed.Value.Since >= s_postponeLimit)
        {
            await EndRunningAsync(CellEndKind.Refused, $"It has not run: {reason}", failed: true);
            return;
        }

        LogPostponed(Id, cell.Execution, cell.MessageId, cell.Replica, reason);
        await ReleaseAsync(cell);
        _queue.TakeBack();
        _orderIsUnsent = false;
        _unable.Add(cell.Replica);
        _life!.LoseExecutor();   // whoever is next has a new epoch, also if it is the same
        if (policy.Order(null, _life.Candidates.RemoveAll(c => _unable.Contains(c.Replica))) is [var next, ..])
        {
            _life.Lead(next);
            await StoreAsync();
            await RunNextAsync();
            return;
        }

        _unable.Clear();
        Elect();
        _waitingFor = reason;
        await StoreAsync();
        RetryLater();
    }
}
