using Notebook.Raft.Messages;

namespace Notebook.Raft;

// A group that nobody uses costs nothing: once all members have everything, the leader says so, and neither it nor they
// need ticks or messages. Whoever then uses a member wakes it, and it wakes the others. Nobody notices in a resting group
// that a member died: the caller, who watches the agents, says so (PeerLost).
public sealed partial class RaftMember
{
    /// <summary>Wakes the member, if it rests. A leader's heartbeats wake the others.</summary>
    public void Wake()
    {
        if (!IsResting) return;
        IsResting = false;
        _elapsed = 0;
        if (_leading is not { } leading) return;
        leading.IdleTicks = 0;
        foreach (var peer in leading.Peers) peer.IsActive = true;   // silence at rest says nothing
        SendHeartbeats(leading);
    }

    /// <summary>
    /// The agent of another member cannot be reached. Wakes this one; if the leader is lost, this member forgets it, so
    /// that an election can begin without waiting for its lease to end.
    /// </summary>
    public void PeerLost(MemberId peer)
    {
        Wake();
        if (Role == RaftRole.Follower && Leader == peer) Leader = MemberId.None;
    }

    private bool CanRest(Leadership leading)
    {
        if (_options.RestAfterTicks == 0 || leading.IdleTicks < _options.RestAfterTicks) return false;
        if (leading.TransferTarget != MemberId.None || leading.Reads is not null || leading.NeedsRound) return false;
        var last = _log.Last.Index;
        return _commit == last && _durable == last && _own is null
            && leading.Peers.TrueForAll(peer => peer.Match == last && peer.IsActive);
    }

    private void BeginRest(Leadership leading)
    {
        foreach (var peer in leading.Peers) SendNow(new Rest(Self, peer.Id, Term, _log.Last));
        IsResting = true;
    }

    private void AnswerRest(Rest rest)
    {
        if (rest.Last == _log.Last) CommitThrough(rest.Last.Index);
        IsResting = rest.Last == _log.Last && _durable == _log.Last.Index;   // else we time out, and that wakes the leader
    }

    /// <summary>Messages of this term that are no reason to wake: the answer to the last heartbeat, and rest said twice.</summary>
    private bool LeavesAtRest(RaftMessage message) =>
        message.Term == Term && message is HeartbeatAnswer or Rest or AppendAnswer { Accepted: true };
}
