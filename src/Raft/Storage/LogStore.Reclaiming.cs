using System.Buffers;
using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Recovery;

namespace Notebook.Raft.Storage;

/// <content>
/// Segments in which nothing is needed are deleted; and when what is not needed takes more than what is, the segment with
/// the least that is needed is emptied by copying that forward. As long as more than half of everything is needless such a
/// segment exists and is less than half full, so the log stays below twice its live bytes and two segments (the cleaner
/// of a log-structured file system: Rosenblum and Ousterhout, 1992, with the greedy choice).
/// </content>
public sealed partial class LogStore
{
    private const int SparesInSegments = 2;

    // Whether anything became needless since reclaiming last found nothing to do.
    private bool _mayReclaim = true;

    /// <summary>
    /// Does the next piece of reclaiming, at most one segment's. True when there may be more to do at once. Call it when all
    /// that was appended is synced; it syncs what it copies.
    /// </summary>
    public bool Reclaim() => _mayReclaim && (_mayReclaim = Reclaim(mayCopy: true));

    private bool Reclaim(bool mayCopy)
    {
        FreeTombstones();
        var isDamaged = _damaged.Exists(g => g.Damage is not null);
        var complete = _log.Segments.Where(s => s != _log.Current && !(s.IsDamaged && isDamaged)).ToList();
        var empty = complete.Where(s => s.LiveBytes == 0).ToList();
        foreach (var segment in empty) _log.Delete(segment);

        // A record may be needless only because of one in a segment that is not there any more.
        if (empty.Count > 0) _disk.SyncDirectory();
        if (empty.Count > 0 || !mayCopy) return empty.Count > 0;
        var size = Size;
        if (size.TotalBytes <= (2 * size.LiveBytes) + (SparesInSegments * (long)_options.SegmentBytes)) return false;
        var victim = complete.Where(s => !s.IsDamaged && s.LiveBytes * 2 < s.Length).MinBy(s => (double)s.LiveBytes / s.Length);
        return victim is not null && TryEmpty(victim);
    }

    private bool TryEmpty(Segment victim)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)victim.Length);
        try
        {
            var bytes = buffer.AsMemory(0, victim.File.Read(0, buffer.AsSpan(0, (int)victim.Length)));
            var copies = new Dictionary<GroupLog, StagedWrite>();
            foreach (var record in SegmentScan.Read(bytes.Span, victim.Number).Records)
            {
                if (record.Header.Type == RecordType.Mark || !_groups.TryGetValue(record.Header.Group, out var group)) continue;
                if (!group.Needs(record.Header, record.At)) continue;
                if (!record.IsWhole)
                {
                    // Readers are told when they come to it. The segment stays, so that a restart finds the damage too.
                    victim.IsDamaged = true;
                    return false;
                }

                if (!copies.TryGetValue(group, out var copy)) copies[group] = copy = new StagedWrite(group);
                copy.Records.Add(Copy(record, bytes));
            }

            if (TryAppend([.. copies.Values]) is not null) return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Sync();
        return true;
    }

    private static PendingRecord Copy(in FoundRecord record, ReadOnlyMemory<byte> segment)
    {
        var header = record.Header;
        var payload = segment.Slice(record.At.Offset + RecordHeader.Size, header.Length);
        return new PendingRecord(
            header.Type, header.Index, header.Term, header.Extra, header.Kind, payload, null, header.Order, record.At);
    }

    private void FreeTombstones()
    {
        if (_withTombstone.Count == 0) return;
        var oldest = _log.Segments.Select(s => s.Number).FirstOrDefault();
        var freed = new List<FreedRecord>();
        _withTombstone.RemoveAll(group =>
        {
            if (!group.TryForgetTombstone(oldest, freed)) return false;
            lock (_groups)
            {
                if (group.IsRemoved) _groups.TryRemove(group.Id, out _);
            }

            return true;
        });
        foreach (var record in freed) _log.Find(record.Segment)!.LiveBytes -= record.Size;
    }
}
