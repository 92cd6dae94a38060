using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

/// <summary>What became of a proposal.</summary>
public abstract record CommitOutcome
{
    private CommitOutcome()
    {
    }

    /// <summary>It is committed, and applied here.</summary>
    /// <param name="Id">Its place in the log.</param>
    public sealed record Committed(EntryId Id) : CommitOutcome;

    /// <summary>This member does not lead; nothing was proposed.</summary>
    /// <param name="Leader">Who leads as far as is known here; <see cref="MemberId.None"/> when nobody.</param>
    public sealed record NotLeader(MemberId Leader) : CommitOutcome;

    /// <summary>Leadership was lost, or the group ended here, before the entry was committed: nobody knows yet whether it will be.</summary>
    /// <param name="Id">Where it stood.</param>
    public sealed record Lost(EntryId Id) : CommitOutcome;

    /// <summary>It is over the limit.</summary>
    /// <param name="Bytes">Its size.</param>
    /// <param name="Limit">The limit (<see cref="RaftOptions.MaxEntryBytes"/>).</param>
    public sealed record TooLarge(int Bytes, int Limit) : CommitOutcome;

    /// <summary>Too much waits for commitment or for the disk, or leadership is being handed over. Ask again a little later.</summary>
    public sealed record Busy : CommitOutcome;

    /// <summary>The disk has no room; nothing was proposed.</summary>
    /// <param name="AskedBytes">Bytes that were to be written.</param>
    /// <param name="FreeBytes">Bytes that were free.</param>
    public sealed record DiskFull(long AskedBytes, long FreeBytes) : CommitOutcome;

    /// <summary>The group is not open here any more.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Ended(string Reason) : CommitOutcome;
}

/// <summary>What became of a membership change.</summary>
public abstract record MembershipOutcome
{
    private MembershipOutcome()
    {
    }

    /// <summary>It is committed.</summary>
    /// <param name="Id">Its place in the log.</param>
    public sealed record Committed(EntryId Id) : MembershipOutcome;

    /// <summary>It was not begun.</summary>
    /// <param name="Why">Why; never <see cref="ChangeOutcome.Accepted"/>.</param>
    public sealed record Refused(ChangeOutcome Why) : MembershipOutcome;

    /// <summary>It was not begun or nobody knows whether it will be committed, for a reason that concerns any entry.</summary>
    /// <param name="Outcome">The reason.</param>
    public sealed record Failed(CommitOutcome Outcome) : MembershipOutcome;
}

/// <summary>What became of a linearizable read.</summary>
public abstract record ReadIndexOutcome
{
    private ReadIndexOutcome()
    {
    }

    /// <summary>All that was acknowledged before the read was asked for is applied here.</summary>
    /// <param name="Index">The entry up to which that holds.</param>
    public sealed record Ready(long Index) : ReadIndexOutcome;

    /// <summary>This member does not lead, or not any more: ask at another.</summary>
    /// <param name="Leader">Who leads as far as is known here; <see cref="MemberId.None"/> when nobody.</param>
    public sealed record NotLeader(MemberId Leader) : ReadIndexOutcome;

    /// <summary>As many reads wait as may.</summary>
    public sealed record Busy : ReadIndexOutcome;

    /// <summary>The group is not open here any more.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Ended(string Reason) : ReadIndexOutcome;
}

/// <summary>What became of a wish to lead.</summary>
public abstract record LeadOutcome
{
    private LeadOutcome()
    {
    }

    /// <summary>
    /// This member leads. What others committed before is applied here as soon as an entry proposed now is, or a read is
    /// confirmed.
    /// </summary>
    /// <param name="Term">The term.</param>
    public sealed record Leading(long Term) : LeadOutcome;

    /// <summary>It is no voter, as far as it knows.</summary>
    public sealed record NotEligible : LeadOutcome;

    /// <summary>It could not become leader in time: no majority can be reached, or the leader did not hand over.</summary>
    /// <param name="Leader">Who leads as far as is known here; <see cref="MemberId.None"/> when nobody.</param>
    public sealed record TimedOut(MemberId Leader) : LeadOutcome;

    /// <summary>The group is not open here any more.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Ended(string Reason) : LeadOutcome;
}

/// <summary>What became of opening a group.</summary>
public abstract record OpenOutcome
{
    private OpenOutcome()
    {
    }

    /// <summary>It is open.</summary>
    /// <param name="Group">The group.</param>
    public sealed record Opened(RaftGroup Group) : OpenOutcome;

    /// <summary>It is open already.</summary>
    /// <param name="Group">The group.</param>
    public sealed record AlreadyOpen(RaftGroup Group) : OpenOutcome;

    /// <summary>As many groups are open as may (<see cref="RaftHostOptions.MaxGroups"/>).</summary>
    /// <param name="Limit">How many.</param>
    public sealed record TooMany(int Limit) : OpenOutcome;

    /// <summary>Its log has lost something; see <see cref="LogStore.Heal"/> and <see cref="LogStore.ResetAfterDamage"/>.</summary>
    /// <param name="Damage">What.</param>
    public sealed record Damaged(GroupDamage Damage) : OpenOutcome;

    /// <summary>The log writer does not take its first entry.</summary>
    /// <param name="Why">Why.</param>
    public sealed record Refused(SubmitOutcome Why) : OpenOutcome;

    /// <summary>The host has ended.</summary>
    public sealed record Ended : OpenOutcome;
}
