namespace Notebook.Agent.State;

/// <summary>What became of an entry when it was applied; the same at every replica.</summary>
internal enum Applied
{
    /// <summary>It counts.</summary>
    Accepted,

    /// <summary>It does not: a later executor leads, or it does not follow the state that is there.</summary>
    Stale,
}

/// <summary>
/// Who leads a kernel, and how far its state is: what follows from the committed entries alone, and so the same at every
/// replica (design, section 4, rule 2). No clock, no IO: same entries, same answers.
/// </summary>
internal sealed class StateRules
{
    /// <summary>The epoch of the executor that leads; 0 before the first.</summary>
    public long Epoch { get; private set; }

    /// <summary>The number of the replica that leads; 0 before the first.</summary>
    public int Leader { get; private set; }

    /// <summary>The number of the last change.</summary>
    public long Sequence { get; private set; }

    /// <summary>The cell that the last change of a cell is of; null before the first, or where that was not noted.</summary>
    public EndedCell? LastCell { get; private set; }

    /// <summary>Takes the next committed entry.</summary>
    public Applied Apply(StateEntry entry)
    {
        switch (entry)
        {
            case StateEntry.Lead lead:
                if (lead.Epoch < Epoch || (lead.Epoch == Epoch && lead.Replica != Leader)) return Applied.Stale;
                (Epoch, Leader) = (lead.Epoch, lead.Replica);
                return Applied.Accepted;
            case StateEntry.Change change:
                if (change.Epoch != Epoch || change.Sequence != Sequence + 1) return Applied.Stale;
                (Sequence, LastCell) = (change.Sequence, change.Execution == StateEntry.NoExecution ? LastCell : change.Cell);
                return Applied.Accepted;
            case StateEntry.Summary summary:
                return (summary.Epoch, summary.Sequence) == (Epoch, Sequence) ? Applied.Accepted : Applied.Stale;
            default:
                throw new InvalidOperationException($"an unknown entry: {entry}");
        }
    }

    /// <summary>Takes the place of all entries so far.</summary>
    public void Restore(long epoch, int leader, long sequence, EndedCell? lastCell) =>
        (Epoch, Leader, Sequence, LastCell) = (epoch, leader, sequence, lastCell);
}
