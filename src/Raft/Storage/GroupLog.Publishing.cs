using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Recovery;
using Notebook.Raft.Storage.Snapshots;

namespace Notebook.Raft.Storage;

/// <content>What the writer's thread tells a group about its records.</content>
public sealed partial class GroupLog
{
    // Entries whose records cannot be read, and where these stood in the group's history; null in a group that is well.
    private Dictionary<long, long>? _lost;
    private LogPosition _tombstoneAt;
    private int _tombstoneUntil;

    /// <summary>The sequence of the next record. Of the writer's thread only.</summary>
    internal long NextSequence { get; set; } = 1;

    /// <summary>Takes over what recovery found.</summary>
    internal void Restore(GroupReplay.Result found, SnapshotFile? snapshot)
    {
        (_hardState, _hardStateAt, _base, _baseAt, _baseSize) = (found.HardState, found.HardStateAt, found.Base, found.BaseAt, found.BaseSize);
        (_snapshot, Damage, _lost) = (snapshot, found.Damage, found.Lost);
        (IsRemoved, _tombstoneAt, _tombstoneUntil, NextSequence) = (found.IsRemoved, found.TombstoneAt, found.TombstoneAt.Segment, found.NextSequence);
        _slots.Restart(_base.Before.Index + 1);
        foreach (var slot in found.Slots) _slots.Add(slot);
    }

    /// <summary>Learns where a record was written, and says what is needless because of that.</summary>
    internal void Publish(in PendingRecord record, LogPosition at, List<FreedRecord> freed)
    {
        lock (_lock)
        {
            if (record.From.IsNone) PublishNew(record, at, freed);
            else PublishCopy(record, at, freed);
        }
    }

    /// <summary>Whether a record is the one that counts.</summary>
    internal bool Needs(in RecordHeader header, LogPosition at)
    {
        lock (_lock)
        {
            return header.Type switch
            {
                RecordType.Entry => _slots.Contains(header.Index) && _slots[header.Index].At == at,
                RecordType.HardState => _hardStateAt == at,
                RecordType.Base => _baseAt == at,
                RecordType.Removed => _tombstoneAt == at,
                _ => false,
            };
        }
    }

    /// <summary>Gives the cache's hold of an entry up.</summary>
    internal void Forget(Entry entry)
    {
        lock (_lock)
        {
            if (!_slots.Contains(entry.Id.Index)) return;
            ref var slot = ref _slots[entry.Id.Index];
            if (ReferenceEquals(slot.Cached, entry) && !slot.At.IsNone) slot.Cached = null;
        }
    }

    /// <summary>
    /// Gives the record of the group's removal up when no segment is left that could hold an older record of the group,
    /// given the oldest that there is. True when the record itself is gone with its segment too: until then it would take
    /// a group that begins anew for removed.
    /// </summary>
    internal bool TryForgetTombstone(int oldestSegment, List<FreedRecord> freed)
    {
        lock (_lock)
        {
            var isOriginal = _tombstoneAt.Segment == _tombstoneUntil;
            if (oldestSegment < _tombstoneUntil || (!isOriginal && oldestSegment == _tombstoneUntil)) return false;
            if (!_tombstoneAt.IsNone) _tombstoneUntil = _tombstoneAt.Segment;
            Replace(ref _tombstoneAt, LogPosition.None, RecordHeader.SizeFor(0), freed);
            return oldestSegment > _tombstoneUntil;
        }
    }

    /// <summary>Brings what was taken of a snapshot to its file; true when that has become complete and durable.</summary>
    internal bool WriteSnapshot(SnapshotFile file)
    {
        lock (_lock) return file.Write();
    }

    /// <summary>Takes a removed group into use again, before anything is written to it.</summary>
    internal GroupLog Revive()
    {
        lock (_lock) IsRemoved = false;
        return this;
    }

    private void PublishNew(in PendingRecord record, LogPosition at, List<FreedRecord> freed)
    {
        switch (record.Type)
        {
            case RecordType.Entry when !_slots.Contains(record.Index) || !ReferenceEquals(_slots[record.Index].Cached, record.Entry):
                Free(at, record.TotalSize, freed);
                break;
            case RecordType.Entry:
                Replace(ref _slots[record.Index].At, at, record.TotalSize, freed);
                break;
            case RecordType.HardState:
                Replace(ref _hardStateAt, at, record.TotalSize, freed);
                break;
            case RecordType.Base:
                Replace(ref _baseAt, at, _baseSize, freed);
                _baseSize = record.TotalSize;
                break;
            case RecordType.Removed:
                Replace(ref _tombstoneAt, at, record.TotalSize, freed);
                Replace(ref _hardStateAt, LogPosition.None, record.TotalSize, freed);
                Replace(ref _baseAt, LogPosition.None, _baseSize, freed);
                _tombstoneUntil = at.Segment;
                break;
            default:
                throw new InvalidOperationException($"a group has no records of type {record.Type}");
        }
    }

    private void PublishCopy(in PendingRecord record, LogPosition at, List<FreedRecord> freed)
    {
        var isEntry = record.Type == RecordType.Entry;
        if (isEntry && !_slots.Contains(record.Index))
        {
            Free(at, record.TotalSize, freed);
            return;
        }

        ref var place = ref _hardStateAt;
        if (isEntry) place = ref _slots[record.Index].At;
        else if (record.Type == RecordType.Base) place = ref _baseAt;
        else if (record.Type == RecordType.Removed) place = ref _tombstoneAt;

        // What was replaced while it was copied needs no copy.
        if (place == record.From) Replace(ref place, at, record.TotalSize, freed);
        else Free(at, record.TotalSize, freed);
    }

    private static void Replace(ref LogPosition place, LogPosition at, int oldSize, List<FreedRecord> freed)
    {
        Free(place, oldSize, freed);
        place = at;
    }

    private static void Free(LogPosition at, int size, List<FreedRecord> freed)
    {
        if (!at.IsNone) freed.Add(new FreedRecord(at.Segment, size));
    }
}
