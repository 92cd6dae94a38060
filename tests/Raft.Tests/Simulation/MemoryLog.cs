using System.Collections.Immutable;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>The log of one group in memory, literally as the contract of <see cref="IGroupLog"/> and <see cref="GroupWrite"/> says.</summary>
internal sealed class MemoryLog : IGroupLog
{
    private readonly List<Entry> _entries = [];
    private byte[] _snapshotData = [];
    private byte[]? _incoming;

    public HardState HardState { get; private set; }

    public SnapshotInfo? Snapshot { get; private set; }

    public EntryId Before { get; private set; }

    public EntryId Last => _entries.Count == 0 ? Before : _entries[^1].Id;

    public long? TermAt(long index)
    {
        if (index == Before.Index) return Before.Term;
        return index > Before.Index && index <= Last.Index ? At(index).Term : null;
    }

    public ImmutableArray<Entry> Read(long from, long through, int maxBytes)
    {
        if (from <= Before.Index || through > Last.Index || from > through)
            throw new ArgumentOutOfRangeException(nameof(from), $"{from} to {through} of a log after {Before} to {Last}");
        var read = ImmutableArray.CreateBuilder<Entry>();
        var bytes = 0L;
        for (var index = from; index <= through; index++)
        {
            var entry = _entries[(int)(index - Before.Index - 1)];
            bytes += entry.Data.Length;
            if (read.Count > 0 && bytes > maxBytes) break;
            read.Add(entry);
        }
        return read.ToImmutable();
    }

    public ReadOnlyMemory<byte> ReadSnapshot(long offset, int maxBytes) =>
        _snapshotData.AsMemory((int)offset, (int)Math.Min(maxBytes, _snapshotData.Length - offset));

    public MemoryLog Clone()
    {
        var clone = new MemoryLog { HardState = HardState, Snapshot = Snapshot, Before = Before, _snapshotData = _snapshotData };
        clone._entries.AddRange(_entries);
        return clone;   // a snapshot that was coming in does not outlive a crash
    }

    public void Apply(GroupWrite write) => Apply(write, int.MaxValue);

    /// <summary>Applies the first parts of a write: hard state, snapshot piece, truncation, each entry, discarding.</summary>
    public void Apply(GroupWrite write, int parts)
    {
        if (parts-- <= 0) return;
        if (write.HardState is { } hardState) HardState = hardState;
        if (parts-- <= 0) return;
        if (write.Snapshot is { } piece) Apply(piece);
        if (parts-- <= 0) return;
        if (!write.Entries.IsEmpty) Truncate(write.Entries[0].Id.Index);
        foreach (var entry in write.Entries)
        {
            if (parts-- <= 0) return;
            if (entry.Id.Index != Last.Index + 1) throw new InvalidOperationException($"{entry.Id} after {Last}");
            _entries.Add(entry);
        }
        if (parts <= 0 || write.DiscardThrough <= Before.Index) return;
        if (write.DiscardThrough > (Snapshot?.Last.Index ?? 0)) throw new InvalidOperationException("discards past the snapshot");
        Discard(write.DiscardThrough);
    }

    public static int Parts(GroupWrite write) => 4 + write.Entries.Length;

    private void Apply(SnapshotPiece piece)
    {
        if (piece.Offset == 0) _incoming = new byte[piece.Info.Length];
        piece.Data.CopyTo(_incoming!.AsMemory((int)piece.Offset));
        if (!piece.IsLast) return;
        (Snapshot, _snapshotData, _incoming) = (piece.Info, _incoming!, null);
        if (TermAt(piece.Info.Last.Index) == piece.Info.Last.Term) return;
        _entries.Clear();
        Before = piece.Info.Last;
    }

    private void Truncate(long from)
    {
        if (from <= Before.Index) throw new InvalidOperationException($"truncates from {from} before {Before}");
        var kept = (int)Math.Min(from - Before.Index - 1, _entries.Count);
        _entries.RemoveRange(kept, _entries.Count - kept);
    }

    private void Discard(long through)
    {
        var before = At(through);
        _entries.RemoveRange(0, (int)(through - Before.Index));
        Before = before;
    }

    private EntryId At(long index) => _entries[(int)(index - Before.Index - 1)].Id;
}
