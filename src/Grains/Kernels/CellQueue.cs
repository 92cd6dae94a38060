namespace Notebook.Grains.Kernels;

/// <summary>
/// The cells of one kernel: first come, first served, one at a time, each at most once. Only the running cell and the
/// endings survive a crash; a queued cell is submitted again by its gateway, and has not run. No clock, no IO.
/// </summary>
internal sealed class CellQueue(long nextExecution, RunningCell? running, Endings endings)
{
    /// <summary>How many cells may wait.</summary>
    public const int Capacity = 1000;

    /// <summary>The longest message id; Jupyter's have 32 to 80 characters.</summary>
    public const int MaxMessageIdLength = 256;

    private readonly LinkedList<QueuedCell> _waiting = [];
    private readonly HashSet<string> _waitingIds = [];
    private QueuedCell? _started;   // what Running was before it started; null after a crash

    /// <summary>The number that the next new cell gets.</summary>
    public long NextExecution { get; private set; } = nextExecution;

    /// <summary>The cell that runs.</summary>
    public RunningCell? Running { get; private set; } = running;

    /// <summary>The cell that could run now: the first that waits, when none runs.</summary>
    public QueuedCell? Next => Running is null ? _waiting.First?.Value : null;

    /// <summary>Whether a cell runs or waits.</summary>
    public bool IsBusy => Running is not null || _waiting.Count > 0;

    /// <summary>How many cells wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Takes a cell, or says what is known of it.</summary>
    public SubmitOutcome Submit(CellSubmission cell)
    {
        if (cell.MessageId.Length is 0 or > MaxMessageIdLength)
            return new SubmitOutcome.Refused($"a message id has 1 to {MaxMessageIdLength} characters, not {cell.MessageId.Length}");
        if (endings.Find(cell.MessageId) is { } ending) return new SubmitOutcome.Ended(ending);
        if (Running?.MessageId == cell.MessageId) return new SubmitOutcome.Accepted(Running.Execution, 0);
        if (_waitingIds.Contains(cell.MessageId)) return Position(cell.MessageId);
        if (cell.Started) return new SubmitOutcome.Ended(Forgotten(cell.MessageId));
        if (cell.After is { } before && !Knows(before)) return new SubmitOutcome.TooEarly();
        if (cell.Resources?.Fault is { } fault) return new SubmitOutcome.Refused(fault);
        if (_waiting.Count >= Capacity)
        {
            return new SubmitOutcome.Refused(
                $"{Capacity} cells of this kernel wait already, and no more may: wait for some to end, or restart the kernel");
        }

        var ahead = _waiting.Count + (Running is null ? 0 : 1);
        var queued = new QueuedCell(cell.MessageId, NextExecution++, cell.Resources, cell.StopOnError, cell.Seen);
        _waiting.AddLast(queued);
        _waitingIds.Add(cell.MessageId);
        return new SubmitOutcome.Accepted(queued.Execution, ahead);
    }

    /// <summary>The first cell that waits starts at a replica.</summary>
    public RunningCell Start(ReplicaId replica, long epoch, GpuLease? lease)
    {
        var cell = Next ?? throw new InvalidOperationException("no cell can start: one runs, or none waits");
        TakeFirst();
        _started = cell;
        return Running = new RunningCell(cell.MessageId, cell.Execution, cell.StopOnError, replica, epoch, lease);
    }

    /// <summary>Whether the running cell can be the first that waits again; not after a crash, for then it is not known whether it ran.</summary>
    public bool CanTakeBack => Running is { Loss: null } && _started is not null;

    /// <summary>The running cell has certainly not run: it is the first that waits again.</summary>
    public void TakeBack()
    {
        if (Running is null || _started is not { } cell) throw new InvalidOperationException("no cell was started here");
        (Running, _started) = (null, null);
        _waiting.AddFirst(cell);
        _waitingIds.Add(cell.MessageId);
    }

    /// <summary>The running cell's executor was lost, and its GPUs with it. It stays in the way of the next cell until it is known whether it counts.</summary>
    public RunningCell Lose(ExecutorLoss loss)
    {
        if (Running is not { Loss: null } cell) throw new InvalidOperationException("no cell runs that could lose its executor");
        _started = null;
        return Running = cell with { Loss = loss, Lease = null };
    }

    /// <summary>The running cell ended.</summary>
    /// <param name="kind">How.</param>
    /// <param name="reason">Why, when it did not complete.</param>
    /// <param name="failed">Whether it failed, so that those behind it are aborted if it asked for that.</param>
    /// <returns>Every cell that ended by this, in order.</returns>
    public ImmutableArray<CellEnding> End(CellEndKind kind, string? reason, bool failed)
    {
        var cell = Running ?? throw new InvalidOperationException("no cell runs");
        Running = null;
        var ended = Ended(cell.MessageId, cell.Execution, kind, reason);
        return failed && cell.StopOnError ? [ended, .. AbortBehind(cell.MessageId)] : [ended];
    }

    /// <summary>The first cell that waits ends without having run.</summary>
    public ImmutableArray<CellEnding> EndNext(CellEndKind kind, string reason)
    {
        var cell = Next ?? throw new InvalidOperationException("no cell is next");
        TakeFirst();
        var ended = Ended(cell.MessageId, cell.Execution, kind, reason);
        return kind == CellEndKind.Refused && cell.StopOnError ? [ended, .. AbortWaiting("a cell before it could not run")] : [ended];
    }

    /// <summary>All cells that wait end without having run.</summary>
    public ImmutableArray<CellEnding> AbortWaiting(string reason) => Abort([.. _waiting], reason);

    /// <summary>Those end that were submitted before the failure could be seen: who knows of it and goes on means it.</summary>
    private ImmutableArray<CellEnding> AbortBehind(string failed) =>
        Abort([.. _waiting.Where(c => c.Seen != failed)], "a cell before it failed");

    private ImmutableArray<CellEnding> Abort(ImmutableArray<QueuedCell> cells, string reason)
    {
        foreach (var cell in cells)
        {
            _waiting.Remove(cell);
            _waitingIds.Remove(cell.MessageId);
        }

        return [.. cells.Select(c => Ended(c.MessageId, c.Execution, CellEndKind.Aborted, reason))];
    }

    /// <summary>Running cell and queue in order, for people.</summary>
    /// <param name="waitingFor">Why the next cell does not run yet.</param>
    /// <param name="limit">How many at most.</param>
    public ImmutableArray<CellView> View(string? waitingFor, int limit)
    {
        var cells = ImmutableArray.CreateBuilder<CellView>();
        if (Running is { } running) cells.Add(new CellView(running.MessageId, running.Execution, true, null, running.Lease));
        foreach (var cell in _waiting)
        {
            if (cells.Count >= limit) break;
            cells.Add(new CellView(cell.MessageId, cell.Execution, false, cells.Count == 0 ? waitingFor : null, null));
        }

        return cells.ToImmutable();
    }

    private bool Knows(string messageId) =>
        Running?.MessageId == messageId || _waitingIds.Contains(messageId) || endings.Find(messageId) is not null;

    private SubmitOutcome.Accepted Position(string messageId)
    {
        var ahead = Running is null ? 0 : 1;
        foreach (var cell in _waiting)
        {
            if (cell.MessageId == messageId) return new SubmitOutcome.Accepted(cell.Execution, ahead);
            ahead++;
        }

        throw new InvalidOperationException($"{messageId} is in the index of the queue, but not in the queue");
    }

    private CellEnding Forgotten(string messageId) => Ended(messageId, 0, CellEndKind.ExecutorLost,
        "this cell had started, but the kernel no longer knows of it; it is not run a second time by itself: run it again if that is safe");

    private CellEnding Ended(string messageId, long execution, CellEndKind kind, string? reason)
    {
        var ending = new CellEnding(messageId, execution, kind, reason);
        endings.Remember(ending);
        return ending;
    }

    private void TakeFirst()
    {
        _waitingIds.Remove(_waiting.First!.Value.MessageId);
        _waiting.RemoveFirst();
    }
}
