using System.Buffers;
using Notebook.Raft.Storage.Disks;
using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Storage.Recovery;

/// <summary>
/// Reads all segments after a start. What a crash tore is cut off; what was durable once and cannot be read now is damage.
/// <list type="number">
/// <item>Every segment but the last was durable when the next one was begun. In the last, marks say how far it was.</item>
/// <item>The first thing after that which cannot be read is where a crash cut the log: it and all after it goes.</item>
/// <item>A record before that whose payload is bad names its group and entry itself.</item>
/// <item>Where not even headers can be read, the mark of the stretch says whose records there were; without a mark every
/// group is suspected whose records do not show that nothing is missing.</item>
/// </list>
/// </summary>
internal sealed class LogRecovery(IDisk disk)
{
    private readonly List<SegmentScan> _scans = [];
    private readonly Dictionary<GroupId, List<FoundRecord>> _records = [];
    private readonly Dictionary<GroupId, long> _lostSequences = [];
    private readonly List<BadStretch> _damage = [];

    /// <summary>Every group's records.</summary>
    internal IReadOnlyDictionary<GroupId, List<FoundRecord>> Records => _records;

    /// <summary>The newest lost record of each group that lost one without a trace.</summary>
    internal IReadOnlyDictionary<GroupId, long> LostSequences => _lostSequences;

    /// <summary>Stretches that were durable and cannot be read.</summary>
    internal IReadOnlyList<BadStretch> Damage => _damage;

    /// <summary>How far marks say that the log was durable, as a position's value; 0 when there is none.</summary>
    internal long MarkedTo { get; private set; }

    /// <summary>Bytes of a torn end that were cut off.</summary>
    internal long CutBytes { get; private set; }

    internal void Run(SegmentedLog log)
    {
        var numbers = disk.List().Select(Segment.NumberOf).OfType<int>().Order().ToList();
        foreach (var number in numbers) Open(log, number);
        if (_scans.Count > 0) CutTornEnd(log);
        CheckLengths(log);
        foreach (var scan in _scans) Collect(log, scan);
        foreach (var bad in _damage) Attribute(bad);
    }

    private void Open(SegmentedLog log, int number)
    {
        var file = disk.Open(Segment.NameOf(number));
        var length = (int)file.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        try
        {
            _scans.Add(SegmentScan.Read(buffer.AsSpan(0, ReadAll(file, buffer.AsSpan(0, length))), number));
            log.Adopt(new Segment(number, file, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A place that the disk cannot read is read as zeros, which are no record.
    private static int ReadAll(IDiskFile file, Span<byte> buffer)
    {
        const int Step = 4096;
        try
        {
            return file.Read(0, buffer);
        }
        catch (IOException)
        {
            buffer.Clear();
        }

        for (var offset = 0; offset < buffer.Length; offset += Step)
        {
            var part = buffer.Slice(offset, Math.Min(Step, buffer.Length - offset));
            try
            {
                file.Read(offset, part);
            }
            catch (IOException)
            {
                part.Clear();
            }
        }

        return buffer.Length;
    }

    private void CutTornEnd(SegmentedLog log)
    {
        var last = _scans[^1];
        MarkedTo = Marks().Select(m => m.Header.Term).DefaultIfEmpty(0).Max();
        var torn = last.Bad.Select(b => b.From).Concat(last.Records.Where(r => !r.IsWhole).Select(r => r.At))
            .Where(at => at.Value >= MarkedTo).Order().FirstOrDefault();
        var segment = log.Find(last.Number)!;
        if (!torn.IsNone)
        {
            last.Bad.RemoveAll(b => b.From.CompareTo(torn) >= 0);
            last.Records.RemoveAll(r => r.At.CompareTo(torn) >= 0);
            CutBytes = segment.Length - torn.Offset;
            segment.Length = torn.Offset;
            segment.File.Truncate(segment.Length);
            segment.File.Sync();
        }

        if (last.Header is not null || last.Records.Count > 0 || last.Bad.Count > 0) return;

        // Not even the header became durable, so there was never a record in it.
        CutBytes += segment.Length;
        _scans.RemoveAt(_scans.Count - 1);
        log.Delete(segment);
        disk.SyncDirectory();
        if (_scans.Count > 0) log.Adopt(log.Find(_scans[^1].Number)!);
    }

    // A segment that is shorter than the next one says has lost its end.
    private void CheckLengths(SegmentedLog log)
    {
        foreach (var scan in _scans)
        {
            if (scan.Header is not { } header || log.Find(header.Previous) is not { } previous || previous.Length >= header.Length) continue;
            _damage.Add(new BadStretch(new(previous.Number, (int)previous.Length), new(previous.Number, (int)header.Length)));
            previous.IsDamaged = true;
        }
    }

    private void Collect(SegmentedLog log, SegmentScan scan)
    {
        _damage.AddRange(scan.Bad);
        if (scan.Bad.Count > 0) log.Find(scan.Number)!.IsDamaged = true;
        foreach (var record in scan.Records)
        {
            if (record.Header.Type == RecordType.Mark) continue;
            if (!_records.TryGetValue(record.Header.Group, out var list)) _records[record.Header.Group] = list = [];
            list.Add(record);
        }
    }

    private IEnumerable<FoundRecord> Marks() => _scans.SelectMany(s => s.Records).Where(r => r.Header.Type == RecordType.Mark && r.IsWhole);

    private void Attribute(BadStretch bad)
    {
        var marks = Marks().Where(m => m.Header.Index < bad.To.Value && m.Header.Term > bad.From.Value).OrderBy(m => m.Header.Index).ToList();
        var covered = bad.From.Value;
        foreach (var mark in marks) covered = mark.Header.Index <= covered ? Math.Max(covered, mark.Header.Term) : covered;
        if (covered >= bad.To.Value)
        {
            foreach (var marked in marks.SelectMany(m => MarkRecord.Read(m.Payload!))) CheckMarked(marked);
            return;
        }

        foreach (var (group, records) in _records) CheckUnmarked(group, records, bad);
    }

    private void CheckMarked(MarkedGroup marked)
    {
        var present = _records.TryGetValue(marked.Group, out var records)
            ? records.Select(r => r.Header.Sequence).Where(s => s >= marked.First && s <= marked.Last).ToHashSet()
            : [];
        for (var sequence = marked.Last; sequence >= marked.First; sequence--)
        {
            if (present.Contains(sequence)) continue;
            NoteLost(marked.Group, sequence);
            return;
        }
    }

    private void CheckUnmarked(GroupId group, List<FoundRecord> records, BadStretch bad)
    {
        var before = records.Where(r => r.At.CompareTo(bad.From) < 0).Select(r => r.Header.Sequence).DefaultIfEmpty(0).Max();
        var after = records.Where(r => r.At.CompareTo(bad.From) > 0).Select(r => r.Header.Sequence).DefaultIfEmpty(long.MaxValue).Min();
        if (after == before + 1) return;
        NoteLost(group, after == long.MaxValue ? before + 1 : after - 1);
    }

    private void NoteLost(GroupId group, long sequence)
    {
        _lostSequences[group] = Math.Max(sequence, _lostSequences.GetValueOrDefault(group));
        if (!_records.ContainsKey(group)) _records[group] = [];
    }
}
