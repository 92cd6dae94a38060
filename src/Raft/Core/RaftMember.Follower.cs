using Notebook.Raft.Messages;

namespace Notebook.Raft;

// A follower's steps; a candidate that hears a leader of its term becomes one first.
public sealed partial class RaftMember
{
    private void StepFollower(RaftMessage message)
    {
        switch (message)
        {
            case AppendRequest append:
                Follow(append);
                AnswerAppend(append);
                break;
            case Heartbeat heartbeat:
                Follow(heartbeat);
                CommitThrough(Math.Min(heartbeat.Commit, _log.Last.Index));
                Inform(new HeartbeatAnswer(Self, heartbeat.From, Term, heartbeat.Round));
                break;
            case SnapshotRequest snapshot:
                Follow(snapshot);
                TakePiece(snapshot);
                break;
            case Rest rest:
                Follow(rest);
                AnswerRest(rest);
                break;
            case TimeoutNow when MayLead:
                Stand(VoteReason.Transfer);
                break;
            default:
                break;   // answers to a leader that is none any more; a transfer that only a leader can begin
        }
    }

    private void Follow(RaftMessage message)
    {
        if (Role != RaftRole.Follower) Become(RaftRole.Follower, Term, message.From);
        Leader = message.From;
        _elapsed = 0;
    }

    /// <summary>Raft, section 5.3 and figure 2, AppendEntries.</summary>
    private void AnswerAppend(AppendRequest append)
    {
        if (append.Previous.Index < _commit)   // late or repeated: up to the commit index the logs match anyway
        {
            Promise(Accept(append.From, _commit));
            return;
        }
        if (!_rules.Matches(append.Previous, _log.TermAt(append.Previous.Index)))
        {
            Inform(new AppendAnswer(Self, append.From, Term, Accepted: false, append.Previous.Index, Hint(append.Previous)));
            return;
        }
        foreach (var entry in append.Entries)
            if (_log.TermAt(entry.Id.Index) != entry.Id.Term) Append(entry);   // the same id is the same entry
        var through = append.Previous.Index + append.Entries.Length;
        CommitThrough(Math.Min(append.Commit, through));
        Promise(Accept(append.From, through));
    }

    private AppendAnswer Accept(MemberId leader, long index) => new(Self, leader, Term, Accepted: true, index, default);

    /// <summary>The last own entry at which the logs may match: not after the refused one, and not of a later term.</summary>
    private EntryId Hint(EntryId refused)
    {
        var index = Math.Min(refused.Index, _log.Last.Index);
        while (index > _commit && _log.TermAt(index) > refused.Term) index--;
        return new(_log.TermAt(index) ?? 0, index);
    }

    /// <summary>Puts an entry into the log, in place of what is there from its index on.</summary>
    private void Append(Entry entry)
    {
        if (entry.Id.Index <= _commit)
            throw new InvalidOperationException($"member {Self}: entry {entry.Id} would replace a committed one, commit {_commit}");
        if (entry.Id.Index <= _log.Last.Index) Truncated(entry.Id.Index);
        _log.Append(entry);
        if (entry.Kind == EntryKind.Membership) _memberships.Add(entry.Id.Index, Membership.Read(entry.Data));
    }

    private void Truncated(long from)
    {
        _memberships.RemoveFrom(from);
        NotDurableFrom(from);
    }

    private void CommitThrough(long index)
    {
        if (index > _commit) _commit = index;
    }
}
