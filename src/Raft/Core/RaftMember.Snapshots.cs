using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft;

// Snapshots (Raft, section 7): own ones on their way to disk, and the leader's on its way to a follower, piece by piece.
// The next piece goes out when the one before it is on the follower's disk, so each transfer has one piece in the air.
public sealed partial class RaftMember
{
    private SnapshotIntake? _intake;   // the leader's snapshot that is coming in
    private OwnSnapshot? _own;         // the state machine's that is going to disk
    private SnapshotPiece? _piece;     // for the next write
    private long _discardThrough;      // for the next write

    /// <summary>Stores the state machine's state, so that entries can go.</summary>
    /// <param name="through">The last entry that it holds; applied here.</param>
    /// <param name="data">The state; not changed afterwards.</param>
    /// <param name="keep">Entries to keep before that one, for peers that are a little behind.</param>
    public SnapshotOutcome SaveSnapshot(long through, ReadOnlyMemory<byte> data, long keep)
    {
        if (through > _handedOver) throw new ArgumentOutOfRangeException(nameof(through), $"{through} was not handed over for applying");
        if (through <= Math.Max(_store.Snapshot?.Last.Index ?? 0, _log.Before.Index)) return SnapshotOutcome.Old;
        if (_own is not null || _intake is not null || _piece is not null || IsSendingSnapshot) return SnapshotOutcome.Busy;
        var last = new EntryId(_log.TermAt(through)!.Value, through);
        var info = new SnapshotInfo(last, _memberships.At(through).Write(), data.Length);
        _own = new OwnSnapshot(info, data, keep);
        return SnapshotOutcome.Started;
    }

    private bool IsSendingSnapshot => _leading?.Peers.Exists(peer => peer is { Pace: PeerPace.Snapshot, IsActive: true }) ?? false;

    private void StoreNextPiece()
    {
        if (_own is not { } own || _piece is not null) return;
        var data = own.Data.Slice((int)own.Offset, (int)Math.Min(_options.SnapshotPieceBytes, own.Data.Length - own.Offset));
        var isLast = own.Offset + data.Length == own.Data.Length;
        _piece = new SnapshotPiece(own.Info, own.Offset, data, isLast);
        _own = isLast ? null : own with { Offset = own.Offset + data.Length };
        if (!isLast) return;
        _discardThrough = Math.Max(0, own.Info.Last.Index - own.Keep);
        _memberships.Forget(own.Info.Last.Index);
    }

    private void BeginSnapshot(Peer peer)
    {
        var info = _store.Snapshot
            ?? throw new InvalidOperationException($"entry {peer.Next - 1} is gone from the log, and there is no snapshot");
        peer.BecomeSnapshot(info.Last);
    }

    private void SendPiece(Peer peer)
    {
        var info = _store.Snapshot!;
        if (info.Last != peer.SnapshotLast) peer.BecomeSnapshot(info.Last);   // a newer one took its place
        var data = _store.ReadSnapshot(peer.SnapshotOffset, _options.SnapshotPieceBytes);
        SendNow(new SnapshotRequest(Self, peer.Id, Term, info, peer.SnapshotOffset, data));
        peer.IsWaiting = true;
    }

    private void ContinueSnapshot(Peer peer, SnapshotAnswer answer)
    {
        if (peer.Pace != PeerPace.Snapshot || peer.SnapshotLast != answer.Last) return;
        if (answer.NextOffset < (_store.Snapshot?.Length ?? 0)) peer.SnapshotContinues(answer.NextOffset);
    }

    private void TakePiece(SnapshotRequest request)
    {
        var info = request.Info;
        if (info.Last.Index <= _commit || _log.TermAt(info.Last.Index) == info.Last.Term)
        {
            CommitThrough(info.Last.Index);   // nothing that we lack
            _intake = null;
            Promise(Accept(request.From, info.Last.Index));
            return;
        }
        if (_piece is not null) return;   // the write before is not handed over yet; the leader repeats
        if (request.Offset == 0 && _intake?.IsOf(request) != true) _intake = new SnapshotIntake(request.Term, info, 0);
        if (_intake is not { } intake || !intake.IsOf(request) || intake.NextOffset != request.Offset)
        {
            var next = _intake?.IsOf(request) == true ? _intake.NextOffset : 0;
            Promise(new SnapshotAnswer(Self, request.From, Term, info.Last, next));
            return;
        }
        Store(request, intake);
    }

    private void Store(SnapshotRequest request, SnapshotIntake intake)
    {
        var info = request.Info;
        _own = null;
        _piece = new SnapshotPiece(info, request.Offset, request.Data, request.IsLast);
        if (!request.IsLast)
        {
            _intake = intake with { NextOffset = request.Offset + request.Data.Length };
            Promise(new SnapshotAnswer(Self, request.From, Term, info.Last, _intake.NextOffset));
            return;
        }
        (_intake, _install, _discardThrough) = (null, info, 0);
        NotDurableFrom(_commit + 1);
        _log.Restart(info.Last);
        _memberships.RestartAt(info.Last.Index, Membership.Read(info.Membership));
        _commit = info.Last.Index;
        Promise(Accept(request.From, info.Last.Index));
    }

    /// <summary>How far the leader's snapshot has come in. Another leader's may have other bytes, so it begins anew.</summary>
    private sealed record SnapshotIntake(long Term, SnapshotInfo Info, long NextOffset)
    {
        public bool IsOf(SnapshotRequest request) =>
            Term == request.Term && Info.Last == request.Info.Last && Info.Length == request.Info.Length;
    }

    private sealed record OwnSnapshot(SnapshotInfo Info, ReadOnlyMemory<byte> Data, long Keep, long Offset = 0);
}
