namespace Notebook.Raft;

// Membership changes, one member at a time (dissertation, section 4.1). A new one is in force as soon as it is in the log.
public sealed partial class RaftMember
{
    private const int RecoveryReadBytes = 1 << 20;

    /// <summary>Changes the membership, at the leader.</summary>
    public ChangeOutcome ChangeMembership(MembershipChange change)
    {
        if (_leading is not { } leading) return new ChangeOutcome.NotLeader(Leader);
        var needed = _rules.CommitBeforeChange(_memberships.CurrentIndex, leading.TermStart);
        if (_commit < needed) return new ChangeOutcome.NotYet(_commit, needed);
        if (leading.TransferTarget != MemberId.None) return new ChangeOutcome.Refused("leadership is being handed over");
        if (Flaw(change) is { } reason) return new ChangeOutcome.Refused(reason);
        if (change is MembershipChange.Promote && leading.Find(change.Member) is { } learner
            && learner.Match + _options.PromotionLag < _log.Last.Index)
            return new ChangeOutcome.NotCaughtUp(learner.Match, _log.Last.Index);

        Use();
        var id = AppendOwn(EntryKind.Membership, Changed(change).Write());
        if (change is MembershipChange.AddLearner) leading.Peers.Add(new Peer(change.Member, id.Index));
        if (change is MembershipChange.Remove) leading.Peers.RemoveAll(peer => peer.Id == change.Member);
        return new ChangeOutcome.Accepted(id);
    }

    /// <summary>
    /// All other voters are gone for good, and none of them will ever act again: this member leads from now on as the only one,
    /// with what its log has. That is not for the members to decide, as those that are out of reach may go on without this one:
    /// who says so answers for it that nothing that counts is with the others alone.
    /// </summary>
    /// <returns>Whether it does; not who is no voter, since a learner may lack what was committed.</returns>
    public bool GoOnAlone()
    {
        if (!MayLead) return false;
        Become(RaftRole.Follower, Term, MemberId.None);
        Become(RaftRole.Candidate, Term + 1, MemberId.None);   // the vote, and the entry behind it, are on disk before anything is committed
        _vote = Self;
        Append(new Entry(new EntryId(Term, _log.Last.Index + 1), EntryKind.Membership, Membership.Of([Self]).Write()));
        Become(RaftRole.Leader, Term, Self);
        return true;
    }

    private string? Flaw(MembershipChange change) => change switch
    {
        { Member.Value: <= 0 } => $"no member has the id {change.Member}",
        MembershipChange.AddLearner when Membership.Contains(change.Member) => $"member {change.Member} is there already",
        MembershipChange.AddLearner when Membership.Voters.Length + Membership.Learners.Length == Membership.MaxMembers =>
            $"{Membership.MaxMembers} members are the most",
        MembershipChange.AddLearner => null,
        MembershipChange.Promote when !Membership.IsLearner(change.Member) => $"member {change.Member} is no learner",
        MembershipChange.Promote => null,
        MembershipChange.Remove when !Membership.Contains(change.Member) => $"member {change.Member} is not there",
        MembershipChange.Remove when change.Member == Self => "the leader cannot remove itself: transfer leadership first",
        MembershipChange.Remove => null,
        _ => $"unknown change {change}",
    };

    private Membership Changed(MembershipChange change)
    {
        var others = Membership.Of(
            Membership.Voters.Where(member => member != change.Member),
            Membership.Learners.Where(member => member != change.Member));
        return change switch
        {
            MembershipChange.AddLearner => Membership.Of(others.Voters, others.Learners.Append(change.Member)),
            MembershipChange.Promote => Membership.Of(others.Voters.Append(change.Member), others.Learners),
            _ => others,
        };
    }

    /// <summary>Finds the memberships in a log after a restart.</summary>
    private MembershipHistory ReadMemberships()
    {
        var found = _store.Snapshot is { } snapshot
            ? new MembershipHistory(snapshot.Last.Index, Membership.Read(snapshot.Membership))
            : new MembershipHistory(0, Membership.Empty);
        for (var next = Math.Max(_log.Before.Index, found.CurrentIndex) + 1; next <= _log.Last.Index;)
        {
            var entries = _log.Read(next, _log.Last.Index, RecoveryReadBytes);
            foreach (var entry in entries)
                if (entry.Kind == EntryKind.Membership) found.Add(entry.Id.Index, Membership.Read(entry.Data));
            next += entries.Length;
        }
        return found;
    }
}
