namespace Notebook.Raft.Runtime;

/// <summary>Somebody waits for the commit of an entry.</summary>
internal sealed class Proposal
{
    /// <summary>Its continuations run where it is completed: under no lock.</summary>
    public TaskCompletionSource<CommitOutcome> Done { get; } = new();

    /// <summary>Where the entry stands; meaningless when it was refused.</summary>
    public EntryId Id { get; private set; }

    /// <summary>Whether it is known what becomes of it: it is in the log, or was refused.</summary>
    public bool IsTaken { get; private set; }

    public void Accept(EntryId id) => (Id, IsTaken) = (id, true);

    /// <summary>Called under the lock, before anybody awaits it.</summary>
    public void Refuse(CommitOutcome outcome)
    {
        IsTaken = true;
        Done.TrySetResult(outcome);
    }
}

/// <summary>Somebody wants this member to lead.</summary>
internal sealed class LeadWish(long ticks)
{
    public TaskCompletionSource<LeadOutcome> Done { get; } = new();

    public long TicksLeft { get; set; } = ticks;
}

/// <summary>A confirmed read that waits for the state machine.</summary>
internal readonly record struct WaitingRead(long Index, TaskCompletionSource<ReadIndexOutcome> Done);
