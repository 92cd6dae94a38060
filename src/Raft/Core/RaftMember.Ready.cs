using System.Collections.Immutable;
using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft;

// What comes out, and what is on disk.
public sealed partial class RaftMember
{
    private readonly Queue<PendingWrite> _writes = new(0);   // handed out and not on disk yet, in order
    private HardState _lastWritten;
    private long _writeNumber;
    private long _durable;       // the log is on disk up to here
    private long _durableTerm;   // the term that is on disk
    private long _handedOver;    // applied, or handed out to be
    private SnapshotInfo? _install;     // a snapshot of the leader's that the next write completes
    private SnapshotInfo? _installed;   // ... that is on disk and not handed out to be applied
    private RoleView _shown;
    private ImmutableArray<RaftMessage>.Builder? _now;
    private ImmutableArray<RaftMessage>.Builder? _afterWrite;

    /// <summary>What is to be done now, or null when there is nothing. Call it after each call in, until it returns null.</summary>
    /// <exception cref="LogCorruptedException">The log could not be read; the member is of no use any more.</exception>
    public Ready? TakeReady()
    {
        if (_leading is { } leading)
        {
            if (leading.NeedsRound) SendHeartbeats(leading);
            ConfirmReads(leading);   // a group of one voter needs nobody's answer
            SendEntries(leading);
        }
        StoreNextPiece();
        var committed = TakeCommitted();
        var write = TakeWrite();
        var isChanged = View != _shown;
        if (write is null && _now is null && _afterWrite is null && committed is null && _installed is null
            && _reads is null && !isChanged)
            return null;

        if (_writes.Count == 0 && _afterWrite is { } free)   // all is on disk already: nothing to wait for
        {
            (_now ??= ImmutableArray.CreateBuilder<RaftMessage>()).AddRange(free);
            _afterWrite = null;
        }
        var ready = new Ready
        {
            Write = write,
            WriteNumber = _writeNumber,
            Messages = _now?.DrainToImmutable() ?? [],
            MessagesAfterWrite = _afterWrite?.DrainToImmutable() ?? [],
            SnapshotToApply = _installed,
            Committed = committed,
            Reads = _reads?.ToImmutableArray() ?? [],
            Changed = isChanged ? View : null,
        };
        (_now, _afterWrite, _installed, _reads, _shown) = (null, null, null, null, View);
        return ready;
    }

    /// <summary>All writes up to this number are on disk.</summary>
    /// <param name="writeNumber"><see cref="Ready.WriteNumber"/> of the latest of them.</param>
    public void Persisted(long writeNumber)
    {
        if (writeNumber > _writeNumber) throw new ArgumentOutOfRangeException(nameof(writeNumber), $"{writeNumber} was never handed out");
        while (_writes.TryPeek(out var write) && write.Number <= writeNumber)
        {
            _writes.Dequeue();
            (_durable, _durableTerm) = (Math.Max(_durable, write.Through), write.Term);
            if (write.Installed is { } installed) Installed(installed);
        }
        if (Role == RaftRole.Candidate && writeNumber >= _voteWrite) CountVote(Self, granted: true);
        if (_leading is { } leading) AdvanceCommit(leading);
    }

    private void Installed(SnapshotInfo info)
    {
        if (info.Last.Index <= _handedOver) return;
        _installed = info;
        _handedOver = info.Last.Index;
    }

    /// <summary>
    /// Term, vote and log, as far as they changed. The commit index travels along, but never past what is on disk: after
    /// a crash in the middle of the write it must not declare committed what the entries of this write were to replace.
    /// </summary>
    private GroupWrite? TakeWrite()
    {
        var hardState = new HardState(Term, _vote, Math.Min(_commit, _durable));
        var isSettled = hardState.Term == _lastWritten.Term && hardState.Vote == _lastWritten.Vote;
        var (last, entries) = (_log.Last, _log.Take());
        if (isSettled && entries.IsEmpty && _piece is null) return null;

        var write = new GroupWrite(_group)
        {
            HardState = hardState == _lastWritten ? null : hardState,
            Snapshot = _piece,
            Entries = entries,
            DiscardThrough = _discardThrough,
        };
        var through = entries.IsEmpty && _install is null ? 0 : last.Index;
        _writes.Enqueue(new PendingWrite(++_writeNumber, Term, through, _install));
        (_lastWritten, _piece, _install, _discardThrough) = (hardState, null, null, 0);
        return write;
    }

    /// <summary>A state machine is never ahead of its own log: what is not on this disk is not applied here.</summary>
    private CommittedRange? TakeCommitted()
    {
        var through = Math.Min(_commit, _durable);
        if (through <= _handedOver || _handedOver < _log.Before.Index) return null;   // a snapshot is on its way instead
        var range = new CommittedRange(_handedOver + 1, through);
        _handedOver = through;
        return range;
    }

    /// <summary>Entries from an index on are replaced: what was or will be on disk of the old ones does not count.</summary>
    private void NotDurableFrom(long index)
    {
        _durable = Math.Min(_durable, index - 1);
        for (var i = _writes.Count; i > 0; i--)
        {
            var write = _writes.Dequeue();
            _writes.Enqueue(write with { Through = Math.Min(write.Through, index - 1) });
        }
    }

    private void SendNow(RaftMessage message) => (_now ??= ImmutableArray.CreateBuilder<RaftMessage>()).Add(message);

    /// <summary>A message that promises no more than that the member has entered its term.</summary>
    private void Inform(RaftMessage message)
    {
        if (_durableTerm == Term) SendNow(message);
        else Promise(message);
    }

    /// <summary>A message that promises something: term, vote or entries that it speaks of must be on disk first.</summary>
    private void Promise(RaftMessage message) => (_afterWrite ??= ImmutableArray.CreateBuilder<RaftMessage>()).Add(message);

    /// <summary>A write on its way to disk.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="Term">The term that is on disk, once it is.</param>
    /// <param name="Through">The log is on disk up to here, once it is; 0 when it changes nothing of that.</param>
    /// <param name="Installed">The leader's snapshot that it completes.</param>
    private readonly record struct PendingWrite(long Number, long Term, long Through, SnapshotInfo? Installed);
}
