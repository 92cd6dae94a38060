using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// Decides when a cell of one replica starts: when its bytes (from the gateway) and its order (from the silo) are both
/// there, in whichever sequence they come. One cell at a time; no message is run twice; orders of an older epoch are
/// refused. No clock, no IO: same calls, same answers.
/// </summary>
internal sealed class CellGate
{
    public const int MaxStaged = 1_000;
    public const long MaxStagedBytes = 64L << 20;
    public const int MaxRemembered = 10_000;

    private readonly StagedCells _staged = new(MaxStaged, MaxStagedBytes);
    private readonly BoundedMemory<ExecutionReport> _ended = new(MaxRemembered);
    private readonly BoundedMemory<string> _unrunnable = new(MaxStaged);
    private long _epoch;
    private string? _putBack;   // the staged cell that could not run here in its epoch: another replica may run it

    /// <summary>The order whose bytes are not here yet.</summary>
    public CellOrder? Waiting { get; private set; }

    /// <summary>The cell that runs.</summary>
    public CellOrder? Running { get; private set; }

    /// <summary>What the silo is to know of the running or latest execution; null when there was none.</summary>
    public ExecutionReport? Last { get; private set; }

    /// <summary>A gateway brings a cell's bytes.</summary>
    public GateAnswer Stage(JupyterFrame message)
    {
        var id = message.MessageId;
        if (Running?.MessageId == id || (_ended.TryRecall(id, out var ended) && ended.Phase != ExecutionPhase.ExecutionNotNow)) return new GateAnswer.Nothing();
        if (Waiting?.MessageId == id) return Start(Waiting, message);
        if (_staged.Keep(message) is { } reason) _unrunnable.Remember(id, reason);
        return new GateAnswer.Nothing();
    }

    /// <summary>The silo orders a cell.</summary>
    public GateAnswer Order(CellOrder order)
    {
        if (order.MessageId == (Running ?? Waiting)?.MessageId) return new GateAnswer.Ended(Last!);   // it is under way
        if (_ended.TryRecall(order.MessageId, out var ended) && !MayRunNow(ended, order)) return new GateAnswer.Ended(ended);
        if (order.Epoch < _epoch) return Refuse(order, $"its epoch {order.Epoch} is stale: this replica has seen {_epoch}");
        _epoch = order.Epoch;
        if ((Running ?? Waiting) is { } other)
            return Postpone(order, $"execution {other.Execution} of this replica has not ended");
        ForgetPutBack(order);
        if (_staged.TryTake(order.MessageId, out var message)) return Start(order, message);
        if (_unrunnable.TryRecall(order.MessageId, out var reason)) return Refuse(order, reason);
        Waiting = order;
        Last = order.Report(ExecutionPhase.ExecutionRunning);
        return new GateAnswer.Wait(order);
    }

    /// <summary>A gateway takes a cell back that has not started.</summary>
    public GateAnswer Discard(string messageId)
    {
        _staged.TryTake(messageId, out _);
        const string Reason = "the gateway took the cell back before it started";
        if (Waiting?.MessageId == messageId) return RefuseWaiting(Reason);
        if (Running?.MessageId != messageId && !_ended.TryRecall(messageId, out _)) _unrunnable.Remember(messageId, Reason);
        return new GateAnswer.Nothing();
    }

    /// <summary>Nobody brought the bytes of this order in time.</summary>
    public GateAnswer GiveUp(CellOrder order, TimeSpan waited) => ReferenceEquals(Waiting, order)
        ? RefuseWaiting($"no gateway brought the cell's code within {waited.TotalSeconds:0} s")
        : new GateAnswer.Nothing();

    /// <summary>What runs or waits has ended.</summary>
    /// <returns>What the silo is to be told; null when there was nothing.</returns>
    public ExecutionReport? End(ExecutionPhase phase, string reason = "", CellDefault? cellDefault = null)
    {
        if ((Running ?? Waiting) is not { } order) return null;
        (Running, Waiting) = (null, null);
        var report = order.Report(phase, reason);
        report.CellDefault = cellDefault;
        return Remember(report);
    }

    /// <summary>The cell that was about to start cannot, and has not run: its bytes stay, for it may be ordered again in a later epoch.</summary>
    /// <returns>What the silo is to be told; null when it has ended meanwhile.</returns>
    public ExecutionReport? PutBack(GateAnswer.Start start, string reason)
    {
        if (!ReferenceEquals(Running, start.Order)) return null;
        Running = null;
        if (_staged.Keep(start.Message) is { } full) return Remember(start.Order.Report(ExecutionPhase.ExecutionRefused, $"{reason}; {full}"));
        return Postpone(start.Order, reason).Report;
    }

    /// <summary>An order cannot be carried out at present. One of a cell that has ended is answered with how.</summary>
    public GateAnswer.Ended Postpone(CellOrder order, string reason)
    {
        if (_ended.TryRecall(order.MessageId, out var ended) && !MayRunNow(ended, order)) return new(ended);
        ForgetPutBack(order);
        _putBack = order.MessageId;
        var report = order.Report(ExecutionPhase.ExecutionNotNow, reason);
        if ((Running ?? Waiting) is null) return new(Remember(report));
        _ended.Remember(order.MessageId, report);
        return new(report);
    }

    /// <summary>What is known here of a cell whose executor the silo has given up.</summary>
    /// <returns>How it ended here with a reply of its own; null when the log has to say.</returns>
    public ExecutionReport? Recall(string messageId) =>
        _ended.TryRecall(messageId, out var ended) && ended.Phase is ExecutionPhase.ExecutionSucceeded or ExecutionPhase.ExecutionFailed ? ended : null;

    /// <summary>The log has said how a cell ended; its bytes are not needed any more, and it is never run here.</summary>
    /// <returns>What the silo is to be told.</returns>
    public ExecutionReport EndByLog(CellOrder order, ExecutionPhase phase, string reason = "", CellDefault? cellDefault = null)
    {
        _staged.TryTake(order.MessageId, out _);
        var report = order.Report(phase, reason);
        report.CellDefault = cellDefault;
        if ((Running ?? Waiting) is null) return Remember(report);
        _ended.Remember(order.MessageId, report);
        return report;
    }

    /// <summary>The process is replaced by a fresh one: what was staged for the old one is not for the new one.</summary>
    public void Restart() => _staged.Clear();

    private static bool MayRunNow(ExecutionReport ended, CellOrder order) =>
        ended.Phase == ExecutionPhase.ExecutionNotNow && order.Epoch > ended.Epoch;

    /// <summary>The kernel has come to another cell: whichever was put back has run elsewhere.</summary>
    private void ForgetPutBack(CellOrder next)
    {
        if (_putBack is { } message && message != next.MessageId) _staged.TryTake(message, out _);
        _putBack = null;
    }

    private GateAnswer.Start Start(CellOrder order, JupyterFrame message)
    {
        (Running, Waiting) = (order, null);
        Last = order.Report(ExecutionPhase.ExecutionRunning);
        return new GateAnswer.Start(order, message);
    }

    private GateAnswer.Ended RefuseWaiting(string reason)
    {
        var order = Waiting!;
        Waiting = null;
        return new(Remember(order.Report(ExecutionPhase.ExecutionRefused, reason)));
    }

    /// <summary>Refuses an order. While another one is under way, <see cref="Last"/> stays that one.</summary>
    public GateAnswer.Ended Refuse(CellOrder order, string reason)
    {
        _staged.TryTake(order.MessageId, out _);
        var report = order.Report(ExecutionPhase.ExecutionRefused, reason);
        if ((Running ?? Waiting) is null) return new(Remember(report));
        _ended.Remember(order.MessageId, report);
        return new(report);
    }

    private ExecutionReport Remember(ExecutionReport report)
    {
        _ended.Remember(report.MessageId, report);
        return Last = report;
    }
}
