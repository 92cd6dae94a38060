using Notebook.Raft.Storage.Snapshots;

namespace Notebook.Raft.Storage.Records;

/// <summary>A part of the log that is not needed any more.</summary>
internal readonly record struct FreedRecord(int Segment, int Size);

/// <summary>What is to be written for one group: its view shows it already, the disk does not yet.</summary>
internal sealed class StagedWrite(GroupLog group)
{
    internal GroupLog Group => group;

    /// <summary>The records, in their order.</summary>
    internal List<PendingRecord> Records { get; } = [];

    /// <summary>The snapshot that has new pieces; they must be on disk before the records are.</summary>
    internal SnapshotFile? Snapshot { get; set; }

    /// <summary>Snapshot files that are needless once the records are durable.</summary>
    internal List<SnapshotFile> Replaced { get; } = [];

    /// <summary>Records that are needless once these are durable.</summary>
    internal List<FreedRecord> Freed { get; } = [];

    internal int Size
    {
        get
        {
            var size = 0;
            foreach (var record in Records) size += record.TotalSize;
            return size;
        }
    }

    internal void Free(LogPosition at, int size)
    {
        if (!at.IsNone) Freed.Add(new FreedRecord(at.Segment, size));
    }
}
