using System.Collections.Immutable;
using Notebook.Objects;
using Notebook.Raft;
using Notebook.Raft.Storage;

namespace Notebook.Agent.State;

/// <summary>Which chunks a kernel's log names, read from the disk: of a log that is not open, or the part that is not applied.</summary>
internal static class StoredReferences
{
    private const int ReadBytes = 1 << 20;

    /// <summary>Names the chunks of the entries from an index on, and those of the snapshot if that goes as far.</summary>
    /// <exception cref="LogCorruptedException">The disk no longer has what was written.</exception>
    /// <exception cref="InvalidDataException">It was written by another release.</exception>
    public static void Name(IGroupLog log, long from, Action<IReadOnlyCollection<ChunkRef>> name)
    {
        if (log.Snapshot is { } snapshot && snapshot.Last.Index >= from) name(StateSnapshot.ReadBlobs(log.ReadSnapshot));
        from = Math.Max(from, log.Before.Index + 1);
        for (var entries = Read(); !entries.IsEmpty; entries = Read())
        {
            foreach (var entry in entries)
                if (entry.Kind == EntryKind.Data && StateEntry.Read(entry.Data).Names is { IsEmpty: false } blobs) name(blobs);
            from = entries[^1].Id.Index + 1;
        }

        ImmutableArray<Entry> Read() => log.Read(from, long.MaxValue, ReadBytes);
    }
}
