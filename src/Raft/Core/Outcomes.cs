namespace Notebook.Raft;

/// <summary>What became of a proposal.</summary>
public abstract record ProposeOutcome
{
    private ProposeOutcome()
    {
    }

    /// <summary>
    /// It is in this leader's log. It is committed if the entry that comes out at this index has this term, and lost if
    /// it has another.
    /// </summary>
    /// <param name="Id">Its place.</param>
    public sealed record Accepted(EntryId Id) : ProposeOutcome;

    /// <summary>Only the leader takes proposals.</summary>
    /// <param name="Leader">Who leads as far as is known here; <see cref="MemberId.None"/> when nobody.</param>
    public sealed record NotLeader(MemberId Leader) : ProposeOutcome;

    /// <summary>The entry is over the limit.</summary>
    /// <param name="Bytes">Its size.</param>
    /// <param name="Limit">The limit (<see cref="RaftOptions.MaxEntryBytes"/>).</param>
    public sealed record TooLarge(int Bytes, int Limit) : ProposeOutcome;

    /// <summary>Not now; ask again when some of what waits is committed, or leadership is settled.</summary>
    /// <param name="UncommittedBytes">Bytes that wait for commitment.</param>
    /// <param name="IsTransferring">Whether leadership is just going to another member.</param>
    public sealed record Busy(long UncommittedBytes, bool IsTransferring) : ProposeOutcome;
}

/// <summary>What became of a request to read.</summary>
public abstract record ReadOutcome
{
    private ReadOutcome()
    {
    }

    /// <summary>A <see cref="Ready.Reads"/> will answer it, with an index or without.</summary>
    public sealed record Pending : ReadOutcome;

    /// <summary>Only the leader confirms reads.</summary>
    /// <param name="Leader">Who leads as far as is known here; <see cref="MemberId.None"/> when nobody.</param>
    public sealed record NotLeader(MemberId Leader) : ReadOutcome;

    /// <summary>As many reads wait as may (<see cref="RaftOptions.MaxPendingReads"/>).</summary>
    /// <param name="Waiting">How many.</param>
    public sealed record Busy(int Waiting) : ReadOutcome;
}

/// <summary>What became of a wish to hand leadership over.</summary>
public enum TransferOutcome
{
    /// <summary>It began. It ends with another leader, or after an election timeout with this one.</summary>
    Started,

    /// <summary>This member does not lead.</summary>
    NotLeader,

    /// <summary>The target already leads.</summary>
    AlreadyLeader,

    /// <summary>The target does not vote in this group.</summary>
    NotVoter,

    /// <summary>Another transfer is under way.</summary>
    Busy,
}

/// <summary>What became of a wish to be leader.</summary>
public enum CampaignOutcome
{
    /// <summary>This member stands for election.</summary>
    Standing,

    /// <summary>The present leader was asked to hand over.</summary>
    Asked,

    /// <summary>This member leads already.</summary>
    AlreadyLeader,

    /// <summary>It may not lead: it is no voter.</summary>
    NotEligible,
}

/// <summary>What became of a snapshot of the state machine.</summary>
public enum SnapshotOutcome
{
    /// <summary>It is on its way to disk in the writes that follow.</summary>
    Started,

    /// <summary>There is one that reaches as far already.</summary>
    Old,

    /// <summary>Another is being written, or the present one is being sent to a peer that answers.</summary>
    Busy,
}
