using System.Collections.Concurrent;
using Notebook.Raft.Storage.Disks;

namespace Notebook.Raft.Storage.Records;

/// <summary>All segments. One thread writes; any thread may read a record of a segment that is not being deleted.</summary>
internal sealed class SegmentedLog(IDisk disk, int segmentBytes) : IDisposable
{
    private readonly ConcurrentDictionary<int, Segment> _segments = new();
    private Segment? _current;
    private bool _isDirty;

    internal IReadOnlyList<Segment> Segments => [.. _segments.Values.OrderBy(s => s.Number)];

    /// <summary>The segment that is written; the others are complete.</summary>
    internal Segment? Current => _current;

    /// <summary>Where the next record goes.</summary>
    internal LogPosition End => _current is { } c ? new(c.Number, (int)c.Length) : LogPosition.None;

    /// <summary>Takes a segment that recovery found; they come in order, and the last one is written on.</summary>
    internal void Adopt(Segment segment) => _segments[segment.Number] = _current = segment;

    internal Segment? Find(int number) => _segments.GetValueOrDefault(number);

    /// <summary>Whether a batch goes into the present segment. When not, sync and <see cref="Roll"/> first.</summary>
    internal bool Fits(int size) =>
        _current is { } c && (c.Length + size <= segmentBytes || (c.Length == Segment.HeaderSize && c.Length + size < int.MaxValue));

    /// <summary>Begins a new segment. The one before must be durable: its length goes into the new one's header.</summary>
    internal void Roll()
    {
        var (number, name) = ((_current?.Number ?? 0) + 1, Segment.NameOf((_current?.Number ?? 0) + 1));
        IDiskFile? file = null;
        try
        {
            file = disk.Create(name);
            file.Write(0, Segment.Header(number, _current?.Number ?? 0, _current?.Length ?? 0));
            file.Sync();
            disk.SyncDirectory();
        }
        catch (DiskFullException)
        {
            file?.Dispose();
            disk.Delete(name);
            throw;
        }

        Adopt(new Segment(number, file, Segment.HeaderSize));
    }

    /// <summary>Appends a batch; when the disk is full nothing of it stays.</summary>
    internal void Append(ReadOnlySpan<byte> batch)
    {
        var segment = _current!;
        try
        {
            segment.File.Write(segment.Length, batch);
        }
        catch (DiskFullException)
        {
            segment.File.Truncate(segment.Length);
            _isDirty = true;
            throw;
        }

        segment.Length += batch.Length;
        _isDirty = true;
    }

    /// <summary>Makes all that was appended durable.</summary>
    internal void Sync()
    {
        if (!_isDirty) return;
        _current!.File.Sync();
        _isDirty = false;
    }

    internal void Delete(Segment segment)
    {
        _segments.TryRemove(segment.Number, out _);
        if (segment == _current) _current = null;
        segment.Dispose();
        disk.Delete(Segment.NameOf(segment.Number));
    }

    public void Dispose()
    {
        foreach (var segment in _segments.Values) segment.Dispose();
    }
}
