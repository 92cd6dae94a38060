using System.Collections.Immutable;
using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Disks;

namespace Notebook.Raft.Tests.Storage;

/// <summary>
/// Writes at random to a store and to its model, and after a crash says whether the store is where some prefix of what was
/// written would have left it, with nothing gone that was synced.
/// </summary>
public sealed class StoreWorkload(int seed, int groups, LogStoreOptions options)
{
    public static StoreIdentity Identity { get; } = new("cluster", "server");

    private readonly Random _random = new(seed);
    private readonly Dictionary<GroupId, (SnapshotInfo Info, byte[] Data, int Sent)> _incoming = [];
    private readonly List<(GroupId Group, GroupModel Model)> _unsynced = [];
    private Dictionary<GroupId, GroupModel> _synced = [];
    private Dictionary<GroupId, GroupModel> _now = [];

    public LogStore? Store { get; private set; }

    /// <summary>Makes room when the disk is full; null when it must not become full.</summary>
    public Action? OnFull { get; set; }

    /// <summary>Changes writes on their way to the store, as a mutant of it would.</summary>
    public Func<LogStore, GroupWrite, GroupWrite> Deform { get; set; } = (_, write) => write;

    public static GroupId Group(int number) => new(new Guid(number + 1, 0, 0, new byte[8]));

    public void Open(IDisk disk) => Store = LogStore.Open(disk, Identity, options);

    /// <summary>One batch of writes for some groups; mostly synced.</summary>
    public void Step()
    {
        if (_random.Next(40) == 0) Remove(Group(_random.Next(groups)));
        var writes = Enumerable.Range(0, groups).Where(_ => _random.Next(3) == 0).Select(g => Next(Group(g))).ToList();
        Note(Store!.Write([.. writes.Select(w => Deform(Store, w))]));
        if (_random.Next(4) > 0) Sync();
    }

    public void Sync()
    {
        Store!.Sync();
        _synced = new(_now);
        _unsynced.Clear();
        while (Store.Reclaim())
        {
        }

        if (_random.Next(3) == 0) Store.Mark();
    }

    /// <summary>The store shows what was written.</summary>
    public void CheckNow(string when)
    {
        for (var g = 0; g < groups; g++)
        {
            var expected = _now.GetValueOrDefault(Group(g), new()).Describe();
            var found = GroupModel.Describe(Store!.Group(Group(g)));
            Assert.True(expected == found, $"seed {seed}, {when}, group {g}:\nexpected {expected}\nfound    {found}");
        }
    }

    /// <summary>After a crash and recovery: the store is some prefix of the unsynced writes further than what was synced.</summary>
    public void CheckRecovered(string when)
    {
        Assert.True(Store!.Damages.IsEmpty, $"seed {seed}, {when}: a crash was taken for damage: {string.Join("; ", Store.Damages)}");
        _incoming.Clear();
        var found = Enumerable.Range(0, groups).ToDictionary(Group, g => GroupModel.Describe(Store.Group(Group(g))));
        var state = new Dictionary<GroupId, GroupModel>(_synced);
        var taken = 0;
        while (!found.All(f => f.Value == state.GetValueOrDefault(f.Key, new()).Describe()))
        {
            Assert.True(taken < _unsynced.Count, $"seed {seed}, {when}: what was recovered is no prefix of what was written\n{Differences(found)}");
            state[_unsynced[taken].Group] = _unsynced[taken].Model;
            taken++;
        }

        (_now, _synced) = (new(state), new(state));
        _unsynced.Clear();
    }

    private string Differences(Dictionary<GroupId, string> found) => string.Join('\n', found
        .Where(f => f.Value != _synced.GetValueOrDefault(f.Key, new()).Describe())
        .Select(f => $"{f.Key}\nsynced {_synced.GetValueOrDefault(f.Key, new()).Describe()}\nfound  {f.Value}"));

    private void Remove(GroupId group)
    {
        _incoming.Remove(group);
        _now[group] = new();
        _unsynced.Add((group, _now[group]));
        Note(Store!.Remove(group));
    }

    private void Note(WriteOutcome outcome)
    {
        if (outcome is WriteOutcome.DiskFull && OnFull is not null)
        {
            CheckNow("when the disk is full");
            Assert.IsType<WriteOutcome.DiskFull>(Store!.Write());
            OnFull();
            outcome = Store.Write();
        }

        Assert.True(outcome is WriteOutcome.Written, $"seed {seed}: {outcome}");
    }

    private GroupWrite Next(GroupId group)
    {
        var model = _now.GetValueOrDefault(group, new());
        var write = new GroupWrite(group);
        if (_random.Next(2) == 0) write = write with { HardState = new(model.HardState.Term + 1, new(_random.Next(4)), _random.Next(100)) };
        var (piece, data) = NextPiece(group, model);
        write = write with { Snapshot = piece };
        var after = model.Steps(write, data).LastOrDefault(model);
        if (_random.Next(4) > 0) write = write with { Entries = NextEntries(after) };
        after = model.Steps(write, data).LastOrDefault(model);
        if (_random.Next(3) == 0 && after.Snapshot is { } s)
            write = write with { DiscardThrough = Math.Max(after.Before.Index, Math.Min(s.Last.Index, after.Last.Index)) };
        foreach (var step in model.Steps(write, data)) _unsynced.Add((group, _now[group] = step));
        return write;
    }

    private ImmutableArray<Entry> NextEntries(GroupModel model)
    {
        var back = _random.Next(3) == 0 ? _random.Next(4) : 0;
        var first = Math.Max(model.Before.Index + 1, model.Last.Index + 1 - back);
        var term = model.Last.Term + _random.Next(2) + (back > 0 ? 1 : 0);
        return [.. Enumerable.Range(0, 1 + _random.Next(5)).Select(i => new Entry(new(Math.Max(1, term), first + i), EntryKind.Data, Bytes(200)))];
    }

    private (SnapshotPiece? Piece, byte[] Data) NextPiece(GroupId group, GroupModel model)
    {
        if (!_incoming.TryGetValue(group, out var snapshot))
        {
            if (_random.Next(8) > 0) return (null, []);
            snapshot = (NextSnapshot(model, out var data), data, 0);
        }

        // What has been discarded meanwhile makes an older snapshot useless.
        if (snapshot.Info.Last.Index < model.Before.Index || snapshot.Info.Last.Index < (model.Snapshot?.Last.Index ?? 0))
        {
            _incoming.Remove(group);
            return (null, []);
        }

        var length = Math.Min(snapshot.Data.Length - snapshot.Sent, _random.Next(70_000));
        var isLast = snapshot.Sent + length == snapshot.Data.Length;
        var piece = new SnapshotPiece(snapshot.Info, snapshot.Sent, snapshot.Data.AsMemory(snapshot.Sent, length), isLast);
        if (length == 0 && !isLast) return (null, []);
        if (isLast) _incoming.Remove(group);
        else _incoming[group] = snapshot with { Sent = snapshot.Sent + length };
        return (piece, snapshot.Data);
    }

    private SnapshotInfo NextSnapshot(GroupModel model, out byte[] data)
    {
        data = Bytes(_random.Next(3) == 0 ? 150_000 : 2000);
        var floor = Math.Max(model.Before.Index, model.Snapshot?.Last.Index ?? 0);
        var own = model.Entries.FindLast(e => e.Id.Index > floor);
        var end = own is not null && _random.Next(3) > 0 ? own.Id : new EntryId(model.Last.Term + 1, Math.Max(model.Last.Index, floor) + _random.Next(3));
        return new SnapshotInfo(end, Bytes(20), data.Length);
    }

    private byte[] Bytes(int max)
    {
        var bytes = new byte[_random.Next(max)];
        _random.NextBytes(bytes);
        return bytes;
    }
}
