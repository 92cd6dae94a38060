using System.Collections.Immutable;
using Notebook.Objects;

namespace Notebook.Agent.State;

/// <summary>
/// Which chunks a kernel's log refers to on this disk: those of its latest snapshot and of the entries after it. A new
/// snapshot takes the place of all that only once it is on disk: until then a crash goes on from the old one. No clock, no
/// IO, one caller at a time.
/// </summary>
internal sealed class LogReferences
{
    /// <summary>Bytes of chunks that entries may name before a snapshot is wanted, if the snapshot has not more itself.</summary>
    public const long MaxEntryChunkBytes = 1L << 30;

    private readonly record struct Replacement(long Applied, ImmutableArray<ImmutableArray<ChunkRef>> Chunks);

    private readonly List<ImmutableArray<ChunkRef>> _entries = [];
    private readonly Queue<Replacement> _replaced = [];
    private ImmutableArray<ChunkRef> _snapshot = [];
    private long _snapshotBytes;
    private long _entryBytes;
    private long _appliedAtSnapshot;
    private bool _isAsked;

    /// <summary>The last entry that was applied.</summary>
    public long LastApplied { get; private set; }

    /// <summary>Bytes of large values that the log names, one that is named twice counted twice.</summary>
    public long Bytes => _snapshotBytes + _entryBytes;

    /// <summary>How many of the last entries name no chunks.</summary>
    public int EntriesWithoutChunks { get; private set; }

    /// <summary>Whether chunks are held that only an older snapshot names.</summary>
    public bool HoldsReplaced => _replaced.Count > 0;

    /// <summary>Whether anything was applied after the latest snapshot.</summary>
    public bool HasNews => LastApplied > _appliedAtSnapshot;

    /// <summary>Whether a snapshot would let chunks go that are worth it.</summary>
    public bool WantsSnapshot => HasNews && (_isAsked || _entryBytes > Math.Max(MaxEntryChunkBytes, _snapshotBytes));

    /// <summary>An entry was applied.</summary>
    public void Applied(long index, ImmutableArray<ChunkRef> chunks)
    {
        LastApplied = index;
        EntriesWithoutChunks = chunks.IsEmpty ? EntriesWithoutChunks + 1 : 0;
        if (chunks.IsEmpty) return;
        _entries.Add(chunks);
        _entryBytes += BytesOf(chunks);
    }

    /// <summary>A snapshot of the state after the last entry is on its way to disk.</summary>
    /// <returns>The chunks that the log names no more once it is there.</returns>
    public IReadOnlySet<ChunkRef> Replaced(ImmutableArray<ChunkRef> snapshot)
    {
        _replaced.Enqueue(new(LastApplied, [_snapshot, .. _entries]));
        return Begin(snapshot);
    }

    /// <summary>A snapshot is on disk, in place of all before.</summary>
    /// <returns>The chunks that the log names no more.</returns>
    public IReadOnlySet<ChunkRef> Restored(long last, ImmutableArray<ChunkRef> snapshot)
    {
        LastApplied = last;
        EntriesWithoutChunks = 0;   // who knows what came before
        _replaced.Clear();
        return Begin(snapshot);
    }

    /// <summary>All of them, without what the snapshot that is on disk has replaced.</summary>
    /// <param name="durable">The last entry of that snapshot.</param>
    public ImmutableArray<ImmutableArray<ChunkRef>> Take(long durable)
    {
        // A snapshot is taken only after an entry that the one before does not have, so this tells them apart.
        while (_replaced.TryPeek(out var oldest) && oldest.Applied <= durable) _replaced.Dequeue();
        return [.. _replaced.SelectMany(replaced => replaced.Chunks), _snapshot, .. _entries];
    }

    /// <summary>Room is short: a snapshot is wanted, unless it could let nothing go. Asked again, it is as before.</summary>
    public bool TryAskForSnapshot() => CouldLetGo && (_isAsked = true);

    /// <summary>Whether a snapshot might let anything go.</summary>
    public bool CouldLetGo => HasNews && _snapshotBytes + _entryBytes > 0;

    private HashSet<ChunkRef> Begin(ImmutableArray<ChunkRef> snapshot)
    {
        HashSet<ChunkRef> dropped = [.. _snapshot, .. _entries.SelectMany(chunks => chunks)];
        dropped.ExceptWith(snapshot);
        (_snapshot, _snapshotBytes, _entryBytes, _isAsked, _appliedAtSnapshot) = (snapshot, BytesOf(snapshot), 0, false, LastApplied);
        _entries.Clear();
        return dropped;
    }

    private static long BytesOf(ImmutableArray<ChunkRef> chunks) => chunks.Sum(chunk => (long)chunk.Length);
}
