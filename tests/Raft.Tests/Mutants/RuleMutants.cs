using Notebook.Raft.Tests.Simulation;

namespace Notebook.Raft.Tests.Mutants;

/// <summary>A run whose members decide one thing wrongly.</summary>
internal sealed class BrokenRule(RaftRules rules) : Mutation
{
    public override RaftRules Rules => rules;
}

internal sealed class CommitsEntriesOfOldTerms : RaftRules
{
    public override bool MayCommit(long entryTerm, long term) => true;
}

internal sealed class AcceptsStaleLeaders : RaftRules
{
    public override bool IsStale(long messageTerm, long term) => false;
}

internal sealed class VotesTwiceInATerm : RaftRules
{
    public override bool MayVote(MemberId votedFor, MemberId candidate, EntryId candidateLast, EntryId ownLast) =>
        base.MayVote(MemberId.None, candidate, candidateLast, ownLast);
}

internal sealed class VotesForShorterLogs : RaftRules
{
    public override bool MayVote(MemberId votedFor, MemberId candidate, EntryId candidateLast, EntryId ownLast) =>
        base.MayVote(votedFor, candidate, ownLast, ownLast);
}

internal sealed class AppendsAfterAnyEntry : RaftRules
{
    public override bool Matches(EntryId previous, long? ownTerm) => ownTerm is not null;
}

internal sealed class CountsTooFewCopies : RaftRules
{
    public override long QuorumIndex(Span<long> match, int quorum) => base.QuorumIndex(match, Math.Max(1, quorum - 1));
}

internal sealed class LeaderCountsWhatIsNotOnDisk : RaftRules
{
    public override long LeaderMatch(long durable, long last) => last;
}

internal sealed class ChangesTwoMembersAtOnce : RaftRules
{
    public override long CommitBeforeChange(long latestChange, long termStart) => 0;
}

internal sealed class ReadsBeforeItsOwnEntry : RaftRules
{
    public override long ReadIndex(long commit, long termStart) => commit;
}

internal sealed class ReadsWithoutAskingAnybody : RaftRules
{
    public override bool IsConfirmed(int answers, int quorum) => true;
}
