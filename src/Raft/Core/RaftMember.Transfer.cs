using Notebook.Raft.Messages;

namespace Notebook.Raft;

// Leadership goes to the executor's member (dissertation, section 3.10): proposals stop, the target gets the rest of the
// log, and stands for election at once. If it does not win within an election timeout, the leader goes on.
public sealed partial class RaftMember
{
    /// <summary>Hands leadership over to another voter.</summary>
    public TransferOutcome TransferLeadership(MemberId target)
    {
        if (_leading is not { } leading) return TransferOutcome.NotLeader;
        if (target == Self) return TransferOutcome.AlreadyLeader;
        if (!Membership.IsVoter(target) || leading.Find(target) is not { } peer) return TransferOutcome.NotVoter;
        if (leading.TransferTarget != MemberId.None)
            return leading.TransferTarget == target ? TransferOutcome.Started : TransferOutcome.Busy;
        Use();
        (leading.TransferTarget, leading.TransferTicks) = (target, 0);
        ContinueTransfer(leading, peer);
        return TransferOutcome.Started;
    }

    private void ContinueTransfer(Leadership leading, Peer peer)
    {
        if (leading.TransferTarget == peer.Id && peer.Match == _log.Last.Index)
            SendNow(new TimeoutNow(Self, peer.Id, Term));
    }

    private void TickTransfer(Leadership leading)
    {
        if (leading.TransferTarget != MemberId.None && ++leading.TransferTicks >= _options.ElectionTicks)
            leading.TransferTarget = MemberId.None;
    }
}
