using System.Collections.Immutable;

namespace Notebook.Raft.Storage;

/// <summary>Describes a snapshot: all state up to an entry, and who was a member there.</summary>
/// <param name="Last">The last entry that it covers.</param>
/// <param name="Membership">The membership in force after that entry, in its wire form.</param>
/// <param name="Length">Bytes of its data.</param>
public sealed record SnapshotInfo(EntryId Last, ReadOnlyMemory<byte> Membership, long Length);

/// <summary>A piece of a snapshot on its way to disk. The first has offset 0 and forgets what an earlier, unfinished one left.</summary>
/// <param name="Info">The whole snapshot.</param>
/// <param name="Offset">Where the piece belongs; pieces come in order, without gaps.</param>
/// <param name="Data">Its bytes.</param>
/// <param name="IsLast">
/// Whether the snapshot is complete with it. Then, in one step, it becomes the group's snapshot. If the log holds the
/// entry <see cref="SnapshotInfo.Last"/> with the same term, its entries stay until they are discarded
/// (<see cref="GroupWrite.DiscardThrough"/>: a slow peer may still need some before the snapshot's end); else the log
/// becomes empty with <see cref="IGroupLog.Before"/> at the snapshot's end (Raft, section 7).
/// </param>
public sealed record SnapshotPiece(SnapshotInfo Info, long Offset, ReadOnlyMemory<byte> Data, bool IsLast);

/// <summary>
/// What one step of one group wants on disk; all of it or, after a crash, none of its later parts without the earlier:
/// hard state, then the snapshot piece, then truncation and entries, then discarding.
/// </summary>
/// <param name="Group">The group.</param>
public sealed record GroupWrite(GroupId Group)
{
    /// <summary>A new hard state, when it changed.</summary>
    public HardState? HardState { get; init; }

    /// <summary>A piece of an incoming or own snapshot.</summary>
    public SnapshotPiece? Snapshot { get; init; }

    /// <summary>Entries without gaps. Whatever the log holds from the first one's index on is replaced by them.</summary>
    public ImmutableArray<Entry> Entries { get; init; } = [];

    /// <summary>Entries up to this index are not needed any more; 0 for none. Never past the latest complete snapshot's end.</summary>
    public long DiscardThrough { get; init; }
}
