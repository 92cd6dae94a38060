namespace Notebook.Grains.Kernels;

/// <summary>
/// A cell whose executor was lost may have come to its end just before, so that what it changed is in the kernel's log and
/// counts. So the next executor leads first, which keeps the lost one from committing anything any more, and says what the log
/// has. Only then the cell ends: completed, with its reply out of the log, or lost. Meanwhile no other cell runs.
/// </summary>
internal sealed partial class KernelGrain
{
    private static readonly TimeSpan s_recallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_replyWindow = TimeSpan.FromMinutes(1);   // by far longer than a reply is under way
    private DateTimeOffset _recallUntil;
    private string? _recallFault;
    private CompletedCell? _lastCompleted;
    private bool _lostTheTeller;   // whose word the reply of the last completed cell was, and nobody else was asked for it yet

    private bool IsRecalling => _queue.Running?.Loss is not null;

    private void BeginRecall()
    {
        (_recallUntil, _recallFault) = (time.GetUtcNow() + s_recallLimit, null);
        _unable.Clear();
    }

    /// <summary>Asks the executor what became of the running cell; again is safe. Ends the cell when nobody could say so for too long.</summary>
    private async Task RecallRunningAsync()
    {
        var cell = _queue.Running!;
        if (time.GetUtcNow() >= _recallUntil)
        {
            await EndLostAsync(LostCell.Unknown(cell.Loss!, s_recallLimit, _recallFault));
            return;
        }

        RetryLater();
        while (_life!.Executor is { } executor)
        {
            await RecallLastCompletedAsync();
            if (await TryRecallAsync(executor, new(cell.MessageId, cell.Execution, _life.Epoch, cell.Loss!.Server))) return;
            _life.Miss(executor);
            if (policy.Order(null, _life.Candidates) is not [var other, ..]) return;
            _life.Lead(other);
            await StoreAsync();   // before the epoch is used
        }
    }

    /// <summary>The cell before it may have ended without its reply having left the lost server: it is told once more, and heard where it is missing.</summary>
    private async Task RecallLastCompletedAsync()
    {
        if (!_lostTheTeller || _lastCompleted is not { } last) return;
        var isOver = time.GetUtcNow() - last.At > s_replyWindow;
        if (isOver || (_life!.Executor is { } executor && await TryRecallAsync(executor, last.Cell with { Epoch = _life.Epoch })))
            (_lostTheTeller, _lastCompleted) = (false, null);
        else
            RetryLater();
    }

    private void NoteCompleted(RunningCell cell)
    {
        var teller = cell.Loss is null ? cell.Replica : _life!.Executor;   // who gives, or gave, the reply to the gateways
        if (teller is not { } replica || (cell.Loss?.Server ?? _life!.Find(replica)?.Server) is not { } server) return;
        _lostTheTeller = false;
        _lastCompleted = new(new(cell.MessageId, cell.Execution, cell.Epoch, server), replica, time.GetUtcNow());
    }

    private async Task<bool> TryRecallAsync(ReplicaId executor, CellRecall recall)
    {
        LogRecall(Id, recall.Execution, recall.MessageId, executor);
        try
        {
            return _life!.Find(executor) is { } replica && await Replica(replica).Recall(recall);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Somebody's word on the cell whose executor was lost. Whoever says that it ended, or that it never will count, is right.</summary>
    private Task HearOfLostAsync(ReplicaId replica, ExecutionReport report)
    {
        switch (report.Phase)
        {
            case ExecutionPhase.Succeeded:
                return EndRunningAsync(CellEndKind.Completed, null, failed: false);
            case ExecutionPhase.Failed:
                return EndRunningAsync(CellEndKind.Completed, null, failed: true);
            case ExecutionPhase.NotCommitted:
                return EndLostAsync(LostCell.Gone(_queue.Running!.Loss!));
            case ExecutionPhase.Refused:
                _recallFault = report.Reason;
                return replica == _life!.Executor && report.Epoch == _life.Epoch ? AskAnotherAsync(replica) : Task.CompletedTask;
            default:
                return Task.CompletedTask;   // the end of its process, said again, or what an executor that was cut off believes
        }
    }

    /// <summary>The one that was asked cannot lead. Another may reach those that it does not; when none can, all are asked again in a while.</summary>
    private async Task AskAnotherAsync(ReplicaId refused)
    {
        _unable.Add(refused);
        if (policy.Order(null, _life!.Candidates.RemoveAll(c => _unable.Contains(c.Replica))) is not [var other, ..])
        {
            _unable.Clear();
            return;
        }

        _life.Lead(other);
        await StoreAsync();   // before the epoch is used
        await RecallRunningAsync();
    }

    private Task EndLostAsync((CellEndKind Kind, string Reason, bool Failed) end) => EndRunningAsync(end.Kind, end.Reason, end.Failed);
}
