using Notebook.Raft.Messages;

namespace Notebook.Raft;

// Elections: Raft, sections 5.2 and 5.4.1; pre-vote: dissertation, section 9.6.
public sealed partial class RaftMember
{
    private long _voteWrite;   // the write that holds the vote for oneself; it counts once that is on disk

    /// <summary>
    /// This member is to lead, because its replica is the executor: asks the leader to hand over, or stands for election
    /// where none is known. May be repeated, in case that a request was lost or came before the voter knew of the leader's end.
    /// It asks first whether it would be elected: one that lacks an entry, and that repeats this, would begin term after term
    /// otherwise, and so keep a leader from being elected who could give it the entry.
    /// </summary>
    public CampaignOutcome Campaign()
    {
        if (Role == RaftRole.Leader) return CampaignOutcome.AlreadyLeader;
        if (!MayLead) return CampaignOutcome.NotEligible;
        if (IsResting) Wake();
        if (IsLed)
        {
            SendNow(new TransferRequest(Self, Leader, Term));
            return CampaignOutcome.Asked;
        }
        if (Role == RaftRole.PreCandidate) AskForVotes(Term + 1, VoteReason.PreVote);
        else if (Role == RaftRole.Candidate) AskForVotes(Term, VoteReason.Election);
        else Stand(VoteReason.PreVote);
        return CampaignOutcome.Standing;
    }

    private bool MayLead => Membership.IsVoter(Self);

    private void Stand(VoteReason reason)
    {
        if (!MayLead)
        {
            Become(RaftRole.Follower, Term, MemberId.None);
            IsResting = true;   // ticks cannot bring anything about here: the next message wakes it
            return;
        }
        if (reason == VoteReason.PreVote)
        {
            Become(RaftRole.PreCandidate, Term, MemberId.None);
            AskForVotes(Term + 1, reason);
            CountVote(Self, granted: true);   // nothing is promised, so nothing need be on disk
            return;
        }
        Become(RaftRole.Candidate, Term + 1, MemberId.None);
        _vote = Self;
        _voteWrite = _writeNumber + 1;
        AskForVotes(Term, reason);
    }

    /// <summary>
    /// A real request tells how far the own log goes, and its term and vote count from now on: all that must be on disk
    /// first, else a crash could leave votes given to a log that is gone.
    /// </summary>
    private void AskForVotes(long term, VoteReason reason)
    {
        foreach (var voter in Membership.Voters)
        {
            if (voter == Self) continue;
            var request = new VoteRequest(Self, voter, term, _log.Last, reason);
            if (reason == VoteReason.PreVote) SendNow(request);
            else Promise(request);
        }
    }

    private void AnswerVote(VoteRequest request)
    {
        var isPreVote = request.Reason == VoteReason.PreVote;
        if (IsLed && request.Reason != VoteReason.Transfer) return;   // the lease, also within one term
        var votedFor = isPreVote && request.Term > Term ? MemberId.None : _vote;
        var isGranted = _rules.MayVote(votedFor, request.From, request.Last, _log.Last);
        if (isGranted && !isPreVote)
        {
            _vote = request.From;
            _elapsed = 0;
        }
        var term = isGranted && isPreVote ? request.Term : Term;
        Promise(new VoteAnswer(Self, request.From, term, isPreVote, isGranted));
    }

    private void CountVote(VoteAnswer answer)
    {
        var isAwaited = Role switch
        {
            RaftRole.PreCandidate => answer.IsPreVote && (!answer.Granted || answer.Term == Term + 1),
            RaftRole.Candidate => !answer.IsPreVote && answer.Term == Term,
            _ => false,   // a follower has given up, a leader has won
        };
        if (isAwaited && Membership.IsVoter(answer.From)) CountVote(answer.From, answer.Granted);
    }

    private void CountVote(MemberId voter, bool granted)
    {
        var votes = _votes!;
        if (votes.Exists(vote => vote.Voter == voter)) return;
        votes.Add((voter, granted));
        var quorum = Membership.Quorum;
        if (votes.Count(vote => vote.Granted) >= quorum)
        {
            if (Role == RaftRole.PreCandidate) Stand(VoteReason.Election);
            else Become(RaftRole.Leader, Term, Self);
        }
        else if (votes.Count(vote => !vote.Granted) > Membership.Voters.Length - quorum)
            Become(RaftRole.Follower, Term, MemberId.None);
    }
}
