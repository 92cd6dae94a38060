namespace Notebook.Raft;

// Roles change through one door. A term never goes back; a leader comes only from a candidate of the same term.
public sealed partial class RaftMember
{
    /// <summary>Whether a leader was heard less than the minimum election timeout ago: then nobody else is voted for.</summary>
    private bool IsLed => Leader != MemberId.None && (Role == RaftRole.Leader || _elapsed < _options.ElectionTicks);

    private void Become(RaftRole next, long term, MemberId leader)
    {
        var isLegal = (Role, next) switch
        {
            (_, RaftRole.Follower) => term >= Term,
            (RaftRole.Follower or RaftRole.PreCandidate or RaftRole.Candidate, RaftRole.PreCandidate) => term == Term,
            (RaftRole.Follower or RaftRole.PreCandidate or RaftRole.Candidate, RaftRole.Candidate) => term == Term + 1,
            (RaftRole.Candidate, RaftRole.Leader) => term == Term,
            _ => false,
        };
        if (!isLegal) throw new InvalidOperationException($"member {Self}: {Role} in {Term} -> {next} in {term}");

        if (term != Term) _vote = MemberId.None;
        (Term, Role, Leader) = (term, next, leader);
        (_elapsed, _timeout, IsResting) = (0, DrawTimeout(), false);
        _votes = next is RaftRole.PreCandidate or RaftRole.Candidate ? [] : null;
        FailReads();
        _leading = null;
        _intake = null;
        if (next == RaftRole.Leader) BeginLeadership();
    }

    /// <summary>A new leader commits what it found by committing an entry of its own (Raft, sections 5.4.2 and 8).</summary>
    private void BeginLeadership()
    {
        var start = _log.Last.Index + 1;
        _leading = new Leadership(start);
        foreach (var member in Membership.Voters.Concat(Membership.Learners))
            if (member != Self) _leading.Peers.Add(new Peer(member, start));
        Append(new Entry(new EntryId(Term, start), EntryKind.Empty, default));
        SendHeartbeats(_leading);
    }

    private void TickLeader()
    {
        var leading = _leading!;
        TickTransfer(leading);
        if (_elapsed >= _options.ElectionTicks && !HasQuorum(leading))
        {
            Become(RaftRole.Follower, Term, MemberId.None);
            return;
        }
        leading.IdleTicks++;
        if (++leading.HeartbeatTicks < _options.HeartbeatTicks) return;
        if (CanRest(leading)) BeginRest(leading);
        else SendHeartbeats(leading);
    }

    /// <summary>Looks back over an election timeout: who cannot be reached has elected another by now (dissertation, section 6.2).</summary>
    private bool HasQuorum(Leadership leading)
    {
        _elapsed = 0;
        var active = 1;   // a leader is a voter
        foreach (var peer in leading.Peers)
        {
            if (peer.IsActive && Membership.IsVoter(peer.Id)) active++;
            peer.IsActive = false;
        }
        return active >= Membership.Quorum;
    }

    private int DrawTimeout() => _options.ElectionTicks + _random.Next(_options.ElectionTicks);
}
