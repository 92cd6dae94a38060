namespace Notebook.Raft;

/// <summary>
/// A change of one member, so that any majority before it and any after it have a member in common (Raft dissertation,
/// section 4.1). A new voter comes as a learner first.
/// </summary>
/// <param name="Member">Whom it concerns.</param>
public abstract record MembershipChange(MemberId Member)
{
    /// <summary>A new member that receives the log and does not vote.</summary>
    /// <param name="Member">Its id, new to the group.</param>
    public sealed record AddLearner(MemberId Member) : MembershipChange(Member);

    /// <summary>A learner that has caught up becomes a voter.</summary>
    /// <param name="Member">The learner.</param>
    public sealed record Promote(MemberId Member) : MembershipChange(Member);

    /// <summary>A member leaves; not the leader, which hands leadership over first.</summary>
    /// <param name="Member">The member.</param>
    public sealed record Remove(MemberId Member) : MembershipChange(Member);
}

/// <summary>What became of a membership change.</summary>
public abstract record ChangeOutcome
{
    private ChangeOutcome()
    {
    }

    /// <summary>It is in this leader's log, and in force here; committed as any entry is.</summary>
    /// <param name="Id">Its place.</param>
    public sealed record Accepted(EntryId Id) : ChangeOutcome;

    /// <summary>Only the leader changes the membership.</summary>
    /// <param name="Leader">Who leads as far as is known here; <see cref="MemberId.None"/> when nobody.</param>
    public sealed record NotLeader(MemberId Leader) : ChangeOutcome;

    /// <summary>The change before it is not committed yet, or the leader has not committed an entry of its own term yet.</summary>
    /// <param name="Commit">The commit index.</param>
    /// <param name="Needed">What it must reach first.</param>
    public sealed record NotYet(long Commit, long Needed) : ChangeOutcome;

    /// <summary>A learner must catch up before it is promoted.</summary>
    /// <param name="Match">The last entry that it has.</param>
    /// <param name="Last">The leader's last entry.</param>
    public sealed record NotCaughtUp(long Match, long Last) : ChangeOutcome;

    /// <summary>The change makes no sense for this membership.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(string Reason) : ChangeOutcome;
}
