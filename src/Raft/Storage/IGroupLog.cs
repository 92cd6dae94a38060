using System.Collections.Immutable;

namespace Notebook.Raft.Storage;

/// <summary>
/// What one group's core may read of its log. What was written (<see cref="GroupWrite"/>) shows here at once, also
/// before it is on disk: the core itself keeps track of how far the disk is (<c>Persisted</c>). After a restart it
/// shows what recovery found.
/// </summary>
public interface IGroupLog
{
    /// <summary>Term, vote and commit index that were written last; all zero in a new group.</summary>
    HardState HardState { get; }

    /// <summary>The latest complete snapshot; null in a group that has none. Entries up to its end may be gone from the log.</summary>
    SnapshotInfo? Snapshot { get; }

    /// <summary>The entry before the first that is kept: the end of what was discarded. (0, 0) when nothing was.</summary>
    EntryId Before { get; }

    /// <summary>The last entry's id; <see cref="Before"/> when there is none.</summary>
    EntryId Last { get; }

    /// <summary>The term of an entry from <see cref="Before"/> to <see cref="Last"/>, both included; null outside.</summary>
    long? TermAt(long index);

    /// <summary>
    /// Entries from <paramref name="from"/> on, up to <paramref name="through"/>, at least one, then as many as fit into
    /// <paramref name="maxBytes"/> of data.
    /// </summary>
    /// <exception cref="LogCorruptedException">What is on disk does not match its checksum; nothing of it is returned.</exception>
    ImmutableArray<Entry> Read(long from, long through, int maxBytes);

    /// <summary>A piece of the latest snapshot's data, from <paramref name="offset"/>; empty at its end.</summary>
    /// <exception cref="LogCorruptedException">What is on disk does not match its checksum.</exception>
    ReadOnlyMemory<byte> ReadSnapshot(long offset, int maxBytes);
}
