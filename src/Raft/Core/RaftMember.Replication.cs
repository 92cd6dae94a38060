using Notebook.Raft.Messages;

namespace Notebook.Raft;

// What a leader sends, as far as each peer's window goes (tracked in Peer). Entries leave when the caller takes the
// ready value, so that all that was proposed in between shares one message.
public sealed partial class RaftMember
{
    private const int StallsBeforeRepeat = 3;   // answered heartbeats without progress after which a snapshot piece is sent again

    private void SendEntries(Leadership leading)
    {
        foreach (var peer in leading.Peers)
        {
            if (peer.IsPoked) Poke(peer);
            while (peer.HasRoom(_options.MaxInFlight) && (peer.Next <= _log.Last.Index || peer.Pace == PeerPace.Snapshot))
            {
                if (peer.Pace == PeerPace.Snapshot) SendPiece(peer);
                else SendAppend(peer);
            }
        }
    }

    private void SendAppend(Peer peer)
    {
        var previous = peer.Next - 1;
        if (_log.TermAt(previous) is not { } term)
        {
            BeginSnapshot(peer);
            return;
        }
        var entries = _log.Read(peer.Next, _log.Last.Index, _options.MaxMessageBytes);
        SendNow(new AppendRequest(Self, peer.Id, Term, new EntryId(term, previous), _commit, entries));
        if (peer.Pace == PeerPace.Replicate) peer.Sent(entries[^1].Id.Index);
        else peer.IsWaiting = true;
    }

    /// <summary>Asks a peer that has gone quiet whether all that was sent has arrived: if not, it refuses and we go back.</summary>
    private void Poke(Peer peer)
    {
        peer.IsPoked = false;
        var previous = peer.Next - 1;
        if (_log.TermAt(previous) is { } term)
            SendNow(new AppendRequest(Self, peer.Id, Term, new EntryId(term, previous), _commit, []));
        else
            BeginSnapshot(peer);
    }

    private void SendHeartbeats(Leadership leading)
    {
        leading.HeartbeatTicks = 0;
        leading.NeedsRound = false;
        leading.Round++;
        foreach (var peer in leading.Peers)
            SendNow(new Heartbeat(Self, peer.Id, Term, Math.Min(peer.Match, _commit), leading.Round));
    }
}
