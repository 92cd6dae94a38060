namespace Notebook.Raft;

/// <summary>
/// The decisions on which Raft's safety rests, one pure function each. They stand apart from the bookkeeping so that
/// they can be read next to the paper, and so that a test can break one of them and watch the checkers find it.
/// </summary>
internal class RaftRules
{
    /// <summary>The rules as they should be.</summary>
    public static RaftRules Production { get; } = new();

    /// <summary>What comes from an earlier term is void (Raft, section 5.1).</summary>
    public virtual bool IsStale(long messageTerm, long term) => messageTerm < term;

    /// <summary>One vote a term, and only for a log that is at least as up to date as one's own (Raft, sections 5.2, 5.4.1).</summary>
    public virtual bool MayVote(MemberId votedFor, MemberId candidate, EntryId candidateLast, EntryId ownLast) =>
        (votedFor == MemberId.None || votedFor == candidate) && candidateLast.IsAtLeast(ownLast);

    /// <summary>Entries follow only where the entry before them is the same in both logs (Raft, section 5.3).</summary>
    public virtual bool Matches(EntryId previous, long? ownTerm) => ownTerm == previous.Term;

    /// <summary>Copies are counted only for entries of the leader's own term (Raft, section 5.4.2, figure 8).</summary>
    public virtual bool MayCommit(long entryTerm, long term) => entryTerm == term;

    /// <summary>How far a majority has the log on disk: the highest index that <paramref name="quorum"/> of the voters reach.</summary>
    public virtual long QuorumIndex(Span<long> match, int quorum)
    {
        match.Sort();
        return match[^quorum];
    }

    /// <summary>How far the leader may count itself: what is on its disk, not what is in its log.</summary>
    public virtual long LeaderMatch(long durable, long last) => durable;

    /// <summary>
    /// What the commit index must reach before the membership may change: the change before, and an entry of the
    /// leader's term (Raft dissertation, section 4.1, and the correction to it of July 2015).
    /// </summary>
    public virtual long CommitBeforeChange(long latestChange, long termStart) => Math.Max(latestChange, termStart);

    /// <summary>
    /// What a read must see: all that was committed when it came, and, as a new leader does not know how far that is, all
    /// before its own first entry (Raft, section 8).
    /// </summary>
    public virtual long ReadIndex(long commit, long termStart) => Math.Max(commit, termStart);

    /// <summary>Whether enough members answered a read's round (Raft dissertation, section 6.4).</summary>
    public virtual bool IsConfirmed(int answers, int quorum) => answers >= quorum;
}
