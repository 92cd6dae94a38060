using Notebook.Raft.Messages;

namespace Notebook.Raft;

// A leader's steps.
public sealed partial class RaftMember
{
    private void StepLeader(RaftMessage message)
    {
        if (message is AppendRequest or Heartbeat or SnapshotRequest or Rest)
            throw new InvalidOperationException($"member {Self} and member {message.From} both lead in term {Term}");
        var leading = _leading!;
        if (leading.Find(message.From) is not { } peer) return;   // removed, or not of this group
        peer.IsActive = true;
        switch (message)
        {
            case AppendAnswer { Accepted: true } answer:
                Accepted(leading, peer, answer.Index);
                break;
            case AppendAnswer answer:
                Refused(peer, answer);
                break;
            case HeartbeatAnswer answer:
                Heard(leading, peer, answer.Round);
                break;
            case SnapshotAnswer answer:
                ContinueSnapshot(peer, answer);
                break;
            case TransferRequest:
                TransferLeadership(message.From);
                break;
            default:
                break;   // votes that came after the election was won; TimeoutNow to who leads already
        }
    }

    private void Accepted(Leadership leading, Peer peer, long index)
    {
        if (index > _log.Last.Index) return;   // nobody can have more of this term than its leader
        peer.Accepted(index);
        var isWhole = peer.Pace != PeerPace.Snapshot || _log.TermAt(peer.Match) is not null;
        if (peer.Pace != PeerPace.Replicate && isWhole) peer.BecomeReplicate();
        AdvanceCommit(leading);
        ContinueTransfer(leading, peer);
    }

    /// <summary>Goes back to where the logs may match: over all of the follower's entries of a term that we do not have.</summary>
    private void Refused(Peer peer, AppendAnswer answer)
    {
        var isLate = peer.Pace switch
        {
            PeerPace.Probe => answer.Index != peer.Next - 1,
            PeerPace.Replicate => answer.Index <= peer.Match,
            _ => true,   // a snapshot is on its way, which answers this too
        };
        if (isLate) return;
        var index = Math.Min(answer.Hint.Index, Math.Min(answer.Index, _log.Last.Index + 1) - 1);
        while (index > peer.Match && _log.TermAt(index) > answer.Hint.Term) index--;
        peer.BecomeProbe(index + 1);
    }

    private void Heard(Leadership leading, Peer peer, long round)
    {
        peer.Round = Math.Max(peer.Round, Math.Min(round, leading.Round));
        ConfirmReads(leading);
        var isStuck = peer.Match < _log.Last.Index && peer.Match == peer.MatchAtHeartbeat;
        peer.MatchAtHeartbeat = peer.Match;
        if (!isStuck) return;
        switch (peer.Pace)
        {
            case PeerPace.Probe:
                peer.IsWaiting = false;
                break;
            case PeerPace.Replicate:
                peer.IsPoked = true;
                break;
            case PeerPace.Snapshot:
                if (++peer.SnapshotStalls >= StallsBeforeRepeat) peer.SnapshotContinues(peer.SnapshotOffset);
                break;
            default:
                throw new InvalidOperationException($"peer {peer.Id} has the pace {peer.Pace}");
        }
    }

    /// <summary>Raft, sections 5.3 and 5.4.2.</summary>
    private void AdvanceCommit(Leadership leading)
    {
        var voters = Membership.Voters;
        Span<long> match = stackalloc long[voters.Length];
        for (var i = 0; i < voters.Length; i++)
            match[i] = voters[i] == Self
                ? _rules.LeaderMatch(_durable, _log.Last.Index)
                : leading.Find(voters[i])?.Match ?? 0;
        var index = _rules.QuorumIndex(match, Membership.Quorum);
        if (index <= _commit || !_rules.MayCommit(_log.TermAt(index) ?? 0, Term)) return;
        _commit = index;
        leading.Committed(index);
    }

    private bool HasRoomFor(int bytes)
    {
        var leading = _leading!;
        return leading.UncommittedEntries < _options.MaxUncommittedEntries
            && (leading.UncommittedBytes == 0 || leading.UncommittedBytes + bytes <= _options.MaxUncommittedBytes);
    }

    private EntryId AppendOwn(EntryKind kind, ReadOnlyMemory<byte> data)
    {
        var id = new EntryId(Term, _log.Last.Index + 1);
        Append(new Entry(id, kind, data));
        _leading!.Proposed(data.Length);
        return id;
    }

    /// <summary>Somebody needs the group: it wakes, and does not rest soon.</summary>
    private void Use()
    {
        if (IsResting) Wake();
        _leading!.IdleTicks = 0;
    }
}
