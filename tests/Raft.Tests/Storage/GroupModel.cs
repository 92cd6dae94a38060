using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Storage;

/// <summary>What a group's log should hold, kept in the simplest way there is.</summary>
public sealed record GroupModel
{
    public HardState HardState { get; init; }

    public EntryId Before { get; init; }

    public ImmutableList<Entry> Entries { get; init; } = [];

    public SnapshotInfo? Snapshot { get; init; }

    public byte[] SnapshotData { get; init; } = [];

    public EntryId Last => Entries.Count == 0 ? Before : Entries[^1].Id;

    /// <summary>The states that a write goes through on disk, one record after another.</summary>
    public IEnumerable<GroupModel> Steps(GroupWrite write, byte[] snapshotData)
    {
        var now = this;
        if (write.HardState is { } state) yield return now = now with { HardState = state };
        if (write.Snapshot is { IsLast: true } piece) yield return now = now.Install(piece.Info, snapshotData);
        foreach (var entry in write.Entries)
        {
            var kept = now.Entries.RemoveAll(e => e.Id.Index >= entry.Id.Index);
            yield return now = now with { Entries = kept.Add(entry) };
        }

        if (write.DiscardThrough <= now.Before.Index) yield break;
        var before = now.Entries.Find(e => e.Id.Index == write.DiscardThrough)!.Id;
        yield return now with { Before = before, Entries = now.Entries.RemoveAll(e => e.Id.Index <= before.Index) };
    }

    /// <summary>All of it as text, to compare.</summary>
    public string Describe() => Describe(HardState, Before, Snapshot, SnapshotData, Entries);

    /// <summary>The same of a real log.</summary>
    public static string Describe(IGroupLog log)
    {
        var entries = new List<Entry>();
        for (var next = log.Before.Index + 1; next <= log.Last.Index; next = entries[^1].Id.Index + 1) entries.AddRange(log.Read(next, log.Last.Index, 500));
        Assert.All(entries, e => Assert.Equal(e.Id.Term, log.TermAt(e.Id.Index)));
        Assert.Equal(log.Before.Term, log.TermAt(log.Before.Index));
        Assert.Null(log.TermAt(log.Last.Index + 1));
        return Describe(log.HardState, log.Before, log.Snapshot, ReadSnapshot(log), entries);
    }

    private GroupModel Install(SnapshotInfo info, byte[] data)
    {
        var isKept = info.Last == Before || Entries.Exists(e => e.Id == info.Last);
        return this with { Snapshot = info, SnapshotData = data, Before = isKept ? Before : info.Last, Entries = isKept ? Entries : [] };
    }

    private static byte[] ReadSnapshot(IGroupLog log)
    {
        var data = new List<byte>();
        while (log.ReadSnapshot(data.Count, 50_000) is { IsEmpty: false } part) data.AddRange(part.Span);
        return [.. data];
    }

    private static string Describe(HardState state, EntryId before, SnapshotInfo? snapshot, byte[] data, IEnumerable<Entry> entries)
    {
        var text = new StringBuilder();
        text.Append($"term {state.Term} vote {state.Vote} commit {state.Commit}; after {before};");
        if (snapshot is not null)
            text.Append($" snapshot {snapshot.Last} {Convert.ToHexString(snapshot.Membership.Span)} {snapshot.Length} {Convert.ToHexString(SHA256.HashData(data)[..6])};");
        foreach (var entry in entries) text.Append($" {entry.Id}{entry.Kind}{Convert.ToHexString(SHA256.HashData(entry.Data.Span)[..4])}");
        return text.ToString();
    }
}
