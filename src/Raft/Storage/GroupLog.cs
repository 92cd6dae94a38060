using System.Collections.Immutable;
using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Snapshots;

namespace Notebook.Raft.Storage;

/// <summary>
/// One group's log: a small index in memory over records that stand among those of all other groups. It may be read
/// from any thread; what is written to it goes through <see cref="LogStore"/>. An idle group with a short log takes a few
/// hundred bytes.
/// </summary>
public sealed partial class GroupLog : IGroupLog
{
    private readonly SegmentedLog _log;
    private readonly Lock _lock = new();
    private readonly SlotList _slots = new();

    private HardState _hardState;
    private BaseRecord _base = BaseRecord.Empty;
    private SnapshotFile? _snapshot;
    private LogPosition _hardStateAt;
    private LogPosition _baseAt;
    private int _baseSize;

    internal GroupLog(GroupId id, SegmentedLog log) => (Id, _log) = (id, log);

    /// <summary>The group.</summary>
    public GroupId Id { get; }

    /// <summary>What recovery found to be lost; null in a group that is well. Such a group refuses writes.</summary>
    public GroupDamage? Damage { get; private set; }

    /// <inheritdoc/>
    public HardState HardState
    {
        get
        {
            lock (_lock) return _hardState;
        }
    }

    /// <inheritdoc/>
    public SnapshotInfo? Snapshot
    {
        get
        {
            lock (_lock) return _base.Snapshot;
        }
    }

    /// <inheritdoc/>
    public EntryId Before
    {
        get
        {
            lock (_lock) return _base.Before;
        }
    }

    /// <inheritdoc/>
    public EntryId Last
    {
        get
        {
            lock (_lock) return LastId;
        }
    }

    private EntryId LastId => _slots.Count == 0 ? _base.Before : new(_slots[_slots.Last].Term, _slots.Last);

    /// <inheritdoc/>
    public long? TermAt(long index)
    {
        lock (_lock) return FindTerm(index);
    }

    /// <inheritdoc/>
    public ImmutableArray<Entry> Read(long from, long through, int maxBytes)
    {
        var entries = ImmutableArray.CreateBuilder<Entry>();
        lock (_lock)
        {
            var bytes = 0L;
            for (var index = from; index <= through && _slots.Contains(index); index++)
            {
                bytes += _slots[index].Length;
                if (entries.Count > 0 && bytes > maxBytes) break;
                entries.Add(_slots[index].Cached ?? ReadEntry(index));
            }
        }

        return entries.DrainToImmutable();
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ReadSnapshot(long offset, int maxBytes)
    {
        lock (_lock) return _snapshot?.Read(Id, offset, maxBytes) ?? default;
    }

    private long? FindTerm(long index)
    {
        if (index == _base.Before.Index) return _base.Before.Term;
        return _slots.Contains(index) ? _slots[index].Term : null;
    }

    private Entry ReadEntry(long index)
    {
        ref var slot = ref _slots[index];
        var (header, payload, found) = RecordReader.Read(_log, slot.At, slot.Length);
        if (payload is not null && header is { Type: RecordType.Entry } h && h.Group == Id && h.Index == index && h.Term == slot.Term)
            return new Entry(new EntryId(slot.Term, index), h.Kind, payload);

        // Its place in the history is all that is needed to put it back (LogStore.Heal).
        if (header is { } damaged && damaged.Group == Id && damaged.Index == index) (_lost ??= [])[index] = damaged.Order;
        throw new LogCorruptedException(Id, index, found ?? $"another record than expected at {slot.At}");
    }
}
