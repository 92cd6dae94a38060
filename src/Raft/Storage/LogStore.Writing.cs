using Notebook.Raft.Storage.Disks;
using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Snapshots;

namespace Notebook.Raft.Storage;

/// <content>Staged writes become bytes in a segment, and durable.</content>
public sealed partial class LogStore
{
    private readonly Queue<StagedWrite> _waiting = new();
    private readonly List<StagedWrite> _chunk = [];
    private readonly List<(StagedWrite Write, PendingRecord Record, LogPosition At)> _placed = [];
    private readonly Dictionary<GroupLog, long> _sequencesBefore = [];
    private readonly RecordBatch _batch = new();

    // Appended since the last sync; and durable but not yet marked.
    private readonly UnmarkedStretch _appended = new();
    private readonly UnmarkedStretch _durable = new();
    private readonly List<FreedRecord> _freed = [];
    private readonly List<SnapshotFile> _replaced = [];

    /// <summary>Whether writes wait for room on the disk.</summary>
    internal bool IsWaiting => _waiting.Count > 0;

    internal void Enqueue(StagedWrite write) => _waiting.Enqueue(write);

    /// <summary>Appends all that waits, in one write for each batch. On a full disk the rest goes on waiting.</summary>
    public WriteOutcome Append()
    {
        while (_waiting.Count > 0)
        {
            TakeChunk();
            if (TryAppend(_chunk) is { } full && !(Reclaim(mayCopy: false) && TryAppend(_chunk) is null)) return full;
            for (var i = 0; i < _chunk.Count; i++) _waiting.Dequeue();
        }

        return WriteOutcome.Written.Instance;
    }

    /// <summary>Makes all that was appended durable.</summary>
    public void Sync()
    {
        _log.Sync();
        _durable.Append(_appended);
        foreach (var freed in _freed)
            if (_log.Find(freed.Segment) is { } segment) segment.LiveBytes -= freed.Size;
        _mayReclaim |= _freed.Count > 0;
        _freed.Clear();
        foreach (var file in _replaced) file.Delete();
        _replaced.Clear();
    }

    /// <summary>
    /// Writes down how far the log is durable, so that later damage there is not taken for a torn end. Each batch does that
    /// for those before it; call this when there is nothing to write. Needs no sync.
    /// </summary>
    public void Mark()
    {
        if (_durable.IsEmpty || !_appended.IsEmpty || _waiting.Count > 0 || !_log.Fits(_durable.MarkSize)) return;
        try
        {
            AppendBatch([], _durable.MarkSize);
        }
        catch (DiskFullException)
        {
            // The mark waits for the next batch; nothing depends on it but how well damage is told.
        }
    }

    private void TakeChunk()
    {
        _chunk.Clear();
        var size = 0L;
        foreach (var write in _waiting)
        {
            size += write.Size;
            if (_chunk.Count > 0 && size > _options.BatchBytes) return;
            _chunk.Add(write);
        }
    }

    /// <summary>Appends these writes, all or none; null when done.</summary>
    private WriteOutcome.DiskFull? TryAppend(IReadOnlyList<StagedWrite> writes)
    {
        _sequencesBefore.Clear();
        try
        {
            WriteSnapshots(writes);
            var size = _durable.MarkSize + _appended.MarkSize;
            foreach (var write in writes) size = checked(size + write.Size);
            if (!_log.Fits(size))
            {
                Sync();
                _log.Roll();
            }

            AppendBatch(writes, size);
        }
        catch (DiskFullException full)
        {
            foreach (var (group, sequence) in _sequencesBefore) group.NextSequence = sequence;
            return new WriteOutcome.DiskFull(full.AskedBytes, full.FreeBytes);
        }

        foreach (var (write, record, at) in _placed) Publish(write, record, at);
        foreach (var write in writes)
        {
            _freed.AddRange(write.Freed);
            _replaced.AddRange(write.Replaced);
        }

        return null;
    }

    // A snapshot is the group's as soon as the log says so, hence its bytes and its name are durable before that.
    private void WriteSnapshots(IReadOnlyList<StagedWrite> writes)
    {
        var isComplete = false;
        foreach (var write in writes)
        {
            if (write.Snapshot is { } file) isComplete |= write.Group.WriteSnapshot(file);
        }

        if (isComplete) _disk.SyncDirectory();
    }

    private void AppendBatch(IReadOnlyList<StagedWrite> writes, int size)
    {
        _placed.Clear();
        _sequencesBefore.Clear();
        var start = _log.End;
        _batch.Begin(start, size);
        if (!_durable.IsEmpty) _batch.Add(default, _durable.ToRecord(), 0);
        foreach (var write in writes)
        {
            _sequencesBefore.TryAdd(write.Group, write.Group.NextSequence);
            foreach (var record in write.Records)
                _placed.Add((write, record, _batch.Add(write.Group.Id, record, write.Group.NextSequence++)));
        }

        _log.Append(_batch.Bytes);
        _durable.Clear();
        _appended.Extend(start, _log.End);
        foreach (var (group, first) in _sequencesBefore)
        {
            if (group.NextSequence == first) continue;
            _appended.Add(group.Id, first);
            _appended.Add(group.Id, group.NextSequence - 1);
        }
    }

    private void Publish(StagedWrite write, in PendingRecord record, LogPosition at)
    {
        _log.Find(at.Segment)!.LiveBytes += record.TotalSize;
        write.Group.Publish(record, at, _freed);
        if (record.Type == RecordType.Removed && !_withTombstone.Contains(write.Group)) _withTombstone.Add(write.Group);
        if (record.Entry is { } entry) _cache.Add(write.Group, entry);
    }
}
