using Notebook.Gateway.Cluster;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <content>The cells: submitted in order, again whenever the silo may have forgotten them, and answered one way or another.</content>
internal sealed partial class KernelHub
{
    private const int MaxAnswered = 4096;
    private static readonly TimeSpan s_submitRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_replyLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_restartLimit = TimeSpan.FromSeconds(60);
    private readonly Submissions _cells;
    private readonly KernelWatch _watch;
    private readonly ITimer _noticeTimer;
    private readonly HashSet<string> _answered = [];
    private readonly Queue<string> _answeredOrder = [];
    private readonly HashSet<string> _givenUp = [];   // those of the answered that we answered, and not their kernel
    private string? _lastReplied;
    private bool _submitting;
    private bool _restartUntold;
    private DateTimeOffset? _restartAsked;

    /// <summary>From the grain: a cell ended without a reply of its own.</summary>
    public void CellEnded(CellEnding ending)
    {
        lock (_gate)
        {
            if (_closed || ending.Kind == CellEndKind.Completed) return;
            End_NeedsLock(ending);
        }

        PumpAll();
    }

    /// <summary>The cells that the grain has, as far as is known.</summary>
    public ImmutableArray<Submission> SubmittedCells
    {
        get
        {
            lock (_gate) return _cells.Submitted;
        }
    }

    /// <summary>
    /// Takes over what the grain said when the subscription was renewed. A cell that it had and does not name any more has ended,
    /// or was forgotten, and word of that may be lost: when it is submitted again, the grain says what became of it.
    /// </summary>
    /// <param name="view">The kernel, with all of its cells.</param>
    /// <param name="had">What it had before it was asked.</param>
    public void Renewed(KernelView view, ImmutableArray<Submission> had)
    {
        Adopt(view);
        if (had.IsEmpty) return;
        var named = view.Cells.Select(c => c.MessageId).ToHashSet();
        lock (_gate)
        {
            foreach (var cell in had)
                if (!named.Contains(cell.MessageId)) cell.Submitted = false;
        }

        BeginSubmitting();
    }

    /// <summary>A user of ours asked for a restart: clients need not be told that one happened.</summary>
    public void RestartAsked()
    {
        lock (_gate) _restartAsked = _services.Time.GetUtcNow();
    }

    private void BeginSubmitting()
    {
        lock (_gate)
        {
            if (_submitting || _closed || _cells.NextToSubmit() is null) return;
            _submitting = true;
        }

        _ = SubmitAsync();
    }

    // One at a time, so that they arrive in order; an answer takes a fraction of a millisecond and only a burst waits.
    private async Task SubmitAsync()
    {
        while (true)
        {
            Submission cell;
            CellSubmission submission;
            int round;
            lock (_gate)
            {
                if (_closed || _cells.NextToSubmit() is not { } next)
                {
                    _submitting = false;
                    return;
                }

                cell = next.Cell;
                submission = cell.ForGrain(next.After);
                round = _cells.Round;
            }

            SubmitOutcome outcome;
            try
            {
                outcome = await _services.ControlPlane.CallAsync(g => g.Kernel(Id).Submit(submission));
            }
            catch (ControlPlaneUnavailableException)
            {
                await Task.Delay(s_submitRetry, _services.Time);
                continue;
            }
            catch (Exception e)
            {
                // The grain failed on it, and would again: the client hears of it instead of waiting for ever.
                LogSubmitFailed(e, Id, cell.MessageId);
                outcome = new SubmitOutcome.Refused($"the cell could not be queued: {e.Message}");
            }

            lock (_gate) Submitted_NeedsLock(cell, outcome, round);
            PumpAll();
        }
    }

    private void Submitted_NeedsLock(Submission cell, SubmitOutcome outcome, int round)
    {
        // Who answered may have forgotten it in the meantime; then it is submitted again.
        cell.Submitted = outcome is not SubmitOutcome.TooEarly && round == _cells.Round;
        switch (outcome)
        {
            case SubmitOutcome.TooEarly:
                _cells.SubmitAllAgain();   // the silo restarted and this call was the first to reach the new one
                break;
            case SubmitOutcome.Accepted:
                break;
            case SubmitOutcome.Ended { Ending.Kind: CellEndKind.Completed }:
                cell.CompletedSince ??= _services.Time.GetUtcNow();   // its reply is on its way from the agent
                break;
            case SubmitOutcome.Ended ended:
                End_NeedsLock(ended.Ending);
                break;
            case SubmitOutcome.Refused refused:
                _services.Counters.Add(GatewayCounters.RefusedMessages);
                End_NeedsLock(new CellEnding(cell.MessageId, 0, CellEndKind.Refused, refused.Reason));
                break;
        }
    }

    private void End_NeedsLock(CellEnding ending)
    {
        if (_answered.Contains(ending.MessageId)) return;
        var cell = _cells.Find(ending.MessageId);
        var parent = cell?.Frame.Header.Memory ?? _local.HeaderOf(ending.MessageId);
        LogEnded(Id, ending.Execution, ending.MessageId, ending.Kind, ending.Reason);
        if (cell is not null && ending.Kind is CellEndKind.ExecutorLost or CellEndKind.StateNotKept)
            Say_NeedsLock(asker: null, cell.Comms.Open.Select(id => _local.CommClosed(id, parent)));
        Say_NeedsLock(ending.MessageId, _local.Ended(ending, parent, cell?.Started ?? ending.Kind is CellEndKind.ExecutorLost or CellEndKind.StateNotKept or CellEndKind.ReplyLost));
        Answered_NeedsLock(ending.MessageId);
        _open.Remove(ending.MessageId);
        _givenUp.Add(ending.MessageId);
        _route?.Link.TrySend(new GatewayToAgent { Discard = new Discard { Replica = _route.Replica, MessageIds = { ending.MessageId } } });
        TellRestart_NeedsLock();
    }

    /// <summary>
    /// The replica that leads now says how a cell ended whose executor was lost. If the executor could say that itself, before
    /// or after, one of the two is heard: whichever came first.
    /// </summary>
    private void Recalled_NeedsLock(JupyterFrame reply)
    {
        if (_cells.Find(reply.ParentId) is not { } cell) return;   // it has its end, or was another gateway's
        LogRecalled(Id, reply.ParentId, reply.Notice);
        Say_NeedsLock(reply.ParentId, _local.Recalled(reply.Notice, reply.Content.Memory, cell.Frame.Header.Memory, cell.Started));
        Answered_NeedsLock(reply.ParentId);
        _open.Remove(reply.ParentId);
        _givenUp.Add(reply.ParentId);
    }

    private void Answered_NeedsLock(string messageId)
    {
        _cells.Remove(messageId);
        _lastReplied = messageId;
        if (!_answered.Add(messageId)) return;
        _answeredOrder.Enqueue(messageId);
        if (_answeredOrder.Count <= MaxAnswered) return;
        var oldest = _answeredOrder.Dequeue();
        _answered.Remove(oldest);
        _givenUp.Remove(oldest);
    }

    // --- restarts that nobody asked for ---

    private void Restarted_NeedsLock()
    {
        _restartUntold = !(_services.Time.GetUtcNow() - _restartAsked < s_restartLimit);
        _restartAsked = null;
        TellRestart_NeedsLock();
    }

    // Clients forget their running cells when they hear of it, so the errors of those go first.
    private void TellRestart_NeedsLock()
    {
        if (!_restartUntold || _cells.All.Any(c => c.Started)) return;
        _restartUntold = false;
        Append_NeedsLock(new OutEntry(_local.Status("restarting"), null));
    }

    // --- waiting ---

    private bool TellsWaits => _services.Options.WaitNotices && WaitNotices.AreWanted(_view.Definition.Environment);

    private void WatchWaits_NeedsLock()
    {
        if (!TellsWaits || _cells.Count == 0) return;
        var now = _services.Time.GetUtcNow();
        foreach (var seen in _view.Cells) _cells.Find(seen.MessageId)?.Wait.Hear(seen.Running ? null : seen.WaitingFor, now);
        SetNoticeTimer_NeedsLock(now);
    }

    private void NoticeWaits()
    {
        lock (_gate)
        {
            if (_closed) return;
            var now = _services.Time.GetUtcNow();
            foreach (var cell in _cells.All.Where(c => !c.Started && NoticeDue(c) <= now))
                Append_NeedsLock(new OutEntry(_local.Notice(cell.Wait.Say(now), cell.Frame.Header.Memory), null));
            SetNoticeTimer_NeedsLock(now);
        }

        PumpAll();
    }

    private DateTimeOffset? NoticeDue(Submission cell) => cell.Wait.DueAt(_services.Options.WaitNoticeAfter, _services.Options.WaitNoticeEvery);

    private void SetNoticeTimer_NeedsLock(DateTimeOffset now)
    {
        if (_cells.All.Where(c => !c.Started).Min(NoticeDue) is { } due)
            _noticeTimer.Change(due > now ? due - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void SweepCells_NeedsLock(DateTimeOffset now)
    {
        foreach (var cell in _cells.All.ToArray())
        {
            if (!(now - cell.CompletedSince > s_replyLimit)) continue;
            End_NeedsLock(new CellEnding(cell.MessageId, 0, CellEndKind.ReplyLost,
                "the cell ran to its end, and what it changed is kept, but its reply was lost with its server; do not run it again for that"));
        }

        if (!_restartUntold) return;
        _restartUntold = false;
        Append_NeedsLock(new OutEntry(_local.Status("restarting"), null));
    }

    [LoggerMessage(EventId = 5301, Level = LogLevel.Information, Message = "Kernel {Kernel}: execution {Execution} ({MessageId}) ended: {Kind} {Reason}")]
    private partial void LogEnded(KernelId kernel, long execution, string messageId, CellEndKind kind, string? reason);

    [LoggerMessage(EventId = 5305, Level = LogLevel.Warning, Message = "Kernel {Kernel}: the reply to {MessageId} comes from the kernel's log: {Notice}")]
    private partial void LogRecalled(KernelId kernel, string messageId, string notice);

    [LoggerMessage(EventId = 5302, Level = LogLevel.Error, Message = "Kernel {Kernel}: cell {MessageId} could not be submitted")]
    private partial void LogSubmitFailed(Exception e, KernelId kernel, string messageId);
}
