using Notebook.Contracts;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Runs;

/// <summary>One cell of a session, while it is simulated. Times are since the trace's beginning.</summary>
internal sealed class CellState(int index, string messageId, TimeSpan duration)
{
    public int Index { get; } = index;

    public string MessageId { get; } = messageId;

    public TimeSpan Duration { get; } = duration;

    public long Execution { get; set; }

    public TimeSpan? Submitted { get; set; }

    public TimeSpan? Started { get; set; }

    public TimeSpan? Ended { get; set; }

    public ReplicaId? Replica { get; set; }

    public ServerId? Server { get; set; }

    public bool SameExecutor { get; set; }

    /// <summary>Whether its code runs now.</summary>
    public bool IsRunning { get; set; }

    public CellEnd Outcome { get; set; } = CellEnd.Unfinished;

    public bool HasEnded => Outcome != CellEnd.Unfinished;
}
