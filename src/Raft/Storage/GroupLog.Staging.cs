using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Snapshots;

namespace Notebook.Raft.Storage;

/// <content>What is written shows at once; the records that will make it durable are handed out.</content>
public sealed partial class GroupLog
{
    // A snapshot that is being received; nothing of it shows before its last piece.
    private SnapshotFile? _incoming;

    internal bool IsRemoved { get; private set; }

    /// <summary>Takes a write into the view.</summary>
    /// <param name="write">The write.</param>
    /// <param name="newFile">Makes the file of a snapshot that begins.</param>
    internal StagedWrite Stage(GroupWrite write, Func<SnapshotInfo, SnapshotFile> newFile)
    {
        lock (_lock)
        {
            if (Damage is not null) throw new InvalidOperationException($"group {Id} is damaged and takes no writes: {Damage.Found}");
            IsRemoved = false;
            var staged = new StagedWrite(this);
            if (write.HardState is { } state) StageHardState(staged, state);
            if (write.Snapshot is { } piece) StageSnapshot(staged, piece, newFile);
            StageEntries(staged, write);
            if (write.DiscardThrough > _base.Before.Index) StageDiscard(staged, write.DiscardThrough);
            return staged;
        }
    }

    /// <summary>Empties the group and keeps one hard state; null removes the group.</summary>
    internal StagedWrite StageReset(HardState? state)
    {
        lock (_lock)
        {
            var staged = new StagedWrite(this);
            FreeEntries(staged, _slots.First, _slots.Last);
            foreach (var file in new[] { _snapshot, _incoming }) if (file is not null) staged.Replaced.Add(file);
            (_snapshot, _incoming, _lost, Damage) = (null, null, null, null);
            _slots.Restart(1);
            if (state is { } kept)
            {
                StageHardState(staged, kept);
                StageBase(staged, BaseRecord.Empty);
                return staged;
            }

            IsRemoved = true;
            (_hardState, _base) = (default, BaseRecord.Empty);
            staged.Records.Add(new PendingRecord(RecordType.Removed, 0, 0, 0));
            return staged;
        }
    }

    /// <summary>Writes entries anew that were lost; term and index name them, so a peer's are the same (Raft, section 5.3).</summary>
    internal StagedWrite StageHeal(IEnumerable<Entry> entries)
    {
        lock (_lock)
        {
            var staged = new StagedWrite(this);
            foreach (var entry in entries)
            {
                var index = entry.Id.Index;
                if (_lost is null || !_lost.TryGetValue(index, out var order) || FindTerm(index) != entry.Id.Term || index == _base.Before.Index)
                    throw new ArgumentException($"entry {entry.Id} of group {Id} is not one that was lost");
                ref var slot = ref _slots[index];
                if (slot.Length == entry.Data.Length) staged.Free(slot.At, slot.RecordSize);
                (slot.At, slot.Length, slot.Cached) = (LogPosition.None, entry.Data.Length, entry);
                staged.Records.Add(EntryRecord(entry, FindTerm(index - 1) ?? 0) with { Order = order });
                _lost.Remove(index);
            }

            if (_lost is { Count: 0 }) (_lost, Damage) = (null, Damage is { CanHeal: true } ? null : Damage);
            return staged;
        }
    }

    private void StageHardState(StagedWrite staged, HardState state)
    {
        _hardState = state;
        staged.Records.Add(new PendingRecord(RecordType.HardState, state.Commit, state.Term, state.Vote.Value));
    }

    private void StageSnapshot(StagedWrite staged, SnapshotPiece piece, Func<SnapshotInfo, SnapshotFile> newFile)
    {
        if (piece.Offset == 0)
        {
            if (_incoming is not null) staged.Replaced.Add(_incoming);
            _incoming = newFile(piece.Info);
        }

        var file = _incoming ?? throw new ArgumentException($"group {Id}: a snapshot begins with the piece at 0, not at {piece.Offset}");
        file.Take(piece);
        staged.Snapshot = file;
        if (!piece.IsLast) return;

        var end = piece.Info.Last;
        if (end.Index < _base.Before.Index) throw new ArgumentException($"group {Id}: snapshot {end} is older than the log's begin {_base.Before}");
        if (_snapshot is not null) staged.Replaced.Add(_snapshot);
        (_snapshot, _incoming) = (file, null);

        // The log counts on only if it holds the snapshot's last entry (Raft, section 7).
        var before = _base.Before;
        if (FindTerm(end.Index) != end.Term)
        {
            FreeEntries(staged, _slots.First, _slots.Last);
            _slots.Restart(end.Index + 1);
            before = end;
        }

        StageBase(staged, new BaseRecord(before, _slots.Last, file.Number, piece.Info));
    }

    private void StageEntries(StagedWrite staged, GroupWrite write)
    {
        if (write.Entries.IsDefaultOrEmpty) return;
        var first = write.Entries[0].Id.Index;
        if (first <= _base.Before.Index || first > LastId.Index + 1)
            throw new ArgumentException($"group {Id}: entry {first} cannot follow a log from {_base.Before} to {LastId}");
        FreeEntries(staged, first, _slots.Last);
        _slots.CutFrom(first);
        foreach (var entry in write.Entries)
        {
            if (entry.Id.Index != LastId.Index + 1 || entry.Id.Term < LastId.Term)
                throw new ArgumentException($"group {Id}: entry {entry.Id} cannot follow {LastId}");
            staged.Records.Add(EntryRecord(entry, LastId.Term));
            _slots.Add(new EntrySlot { Term = entry.Id.Term, Length = entry.Data.Length, Cached = entry });
        }
    }

    private void StageDiscard(StagedWrite staged, long through)
    {
        if (_base.Snapshot is not { } snapshot || through > snapshot.Last.Index || through > _slots.Last)
            throw new ArgumentException($"group {Id}: no snapshot covers the entries up to {through} of a log that ends at {LastId}");
        var before = new EntryId(_slots[through].Term, through);
        FreeEntries(staged, _slots.First, through);
        _slots.CutThrough(through);
        StageBase(staged, _base with { Before = before, Last = _slots.Last });
    }

    private void StageBase(StagedWrite staged, BaseRecord next)
    {
        _base = next;
        var payload = new byte[next.Size];
        next.Write(payload);
        staged.Records.Add(new PendingRecord(RecordType.Base, next.Before.Index, next.Before.Term, 0, Payload: payload));
    }

    private static PendingRecord EntryRecord(Entry entry, long termBefore) =>
        new(RecordType.Entry, entry.Id.Index, entry.Id.Term, termBefore, entry.Kind, entry.Data, entry);

    private void FreeEntries(StagedWrite staged, long from, long through)
    {
        for (var index = from; index <= through; index++)
        {
            staged.Free(_slots[index].At, _slots[index].RecordSize);
            _lost?.Remove(index);
        }
    }
}
