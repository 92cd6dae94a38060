using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Recovery;

namespace Notebook.Raft.Tests.Storage;

public sealed class StoreDamageTests
{
    private const int Groups = 4;
    private static readonly string Log = Segment.NameOf(1);
    private static readonly LogStoreOptions NoCache = new() { CacheBytes = 0 };

    private readonly SimulatedDisk _disk = new(1);

    [Fact]
    public void An_end_torn_at_any_byte_is_cut_off_and_nothing_before_it()
    {
        var before = Fill();
        using (var store = Open(_disk)) Append(store, Id(0), 9, 300);
        var last = Scan(_disk).Records[^1];
        Assert.Equal(9, last.Header.Index);
        for (var length = last.At.Offset; length < _disk.LengthOf(Log); length++)
        {
            var torn = _disk.Clone(length);
            torn.Cut(Log, length);
            using (var store = Open(torn))
            {
                Assert.Empty(store.Damages);
                Assert.Equal(length - last.At.Offset, store.CutBytes);
                Assert.Equal(before, Describe(store));
                Append(store, Id(0), 9, 20);
            }

            using var again = Open(torn);
            Assert.Equal(9, again.Group(Id(0)).Last.Index);
            Assert.Equal((0, 0), (again.CutBytes, again.Damages.Length));
        }
    }

    [Fact]
    public void A_flipped_bit_in_any_record_damages_its_own_group_at_most_and_is_never_served()
    {
        var expected = Fill();
        var damagedTypes = new HashSet<RecordType>();
        foreach (var record in Scan(_disk).Records.SkipLast(1))
        {
            for (var at = 0; at < record.Header.TotalSize; at += 5)
            {
                var flipped = _disk.Clone(at);
                flipped.Flip(Log, record.At.Offset + at, at % 8);
                using var store = Open(flipped);
                var found = Describe(store);
                for (var g = 0; g < Groups; g++)
                {
                    var what = $"{record.Header.Type} of {record.Header.Group} at {record.At}, byte {at}; group {g}: {found[g]}";
                    var isOwn = record.Header.Group == Id(g) && record.Header.Type != RecordType.Mark;
                    var isDamaged = store.Group(Id(g)).Damage is not null;
                    if (isDamaged) damagedTypes.Add(record.Header.Type);
                    Assert.True(isDamaged ? isOwn : expected[g] == found[g], what);
                }
            }
        }

        Assert.Superset(new HashSet<RecordType> { RecordType.Entry, RecordType.HardState, RecordType.Base }, damagedTypes);
    }

    /// <summary>The mutant that does not check checksums: to it, damage looks like this.</summary>
    [Fact]
    public void Only_the_checksum_keeps_a_damaged_entry_from_being_served()
    {
        var expected = Fill();
        var record = Needed(_disk).First(r => r.Header is { Type: RecordType.Entry, Length: > 0 });
        var bytes = _disk.BytesOf(Log).AsSpan(record.At.Offset, record.Header.TotalSize);
        var payload = bytes.Slice(RecordHeader.Size, record.Header.Length);
        payload[0] ^= 1;
        (record.Header with { PayloadCrc = RecordHeader.CrcOf(payload, record.At) }).Write(bytes, record.At);
        _disk.Overwrite(Log, record.At.Offset, bytes);
        using var store = Open(_disk);
        Assert.Empty(store.Damages);
        Assert.NotEqual(expected, Describe(store));
    }

    [Fact]
    public void Every_needed_record_that_is_damaged_is_reported()
    {
        Fill();
        foreach (var record in Needed(_disk))
        {
            var flipped = _disk.Clone(1);
            flipped.Flip(Log, record.At.Offset + 20);
            using var store = Open(flipped);
            Assert.True(store.Damages.Any(d => d.Group == record.Header.Group), $"{record.Header.Type} of {record.Header.Group} at {record.At} is missing, and nobody says so");
            Assert.Throws<InvalidOperationException>(() => store.Write(new GroupWrite(record.Header.Group) { HardState = new(99, default, 0) }));
        }
    }

    [Fact]
    public void A_damaged_entry_is_healed_by_a_peers()
    {
        var expected = Fill();
        var record = Needed(_disk).First(r => r.Header is { Type: RecordType.Entry, Length: > 0 });
        Entry entry;
        using (var whole = Open(_disk)) entry = whole.Group(record.Header.Group).Read(record.Header.Index, record.Header.Index, 1)[0];
        _disk.Flip(Log, record.At.Offset + RecordHeader.Size);
        using (var store = Open(_disk))
        {
            var damage = Assert.Single(store.Damages);
            Assert.Equal((record.Header.Group, entry.Id.Index, entry.Id.Index, true), (damage.Group, damage.From, damage.Through, damage.CanHeal));
            Assert.Throws<LogCorruptedException>(() => store.Group(damage.Group).Read(entry.Id.Index, entry.Id.Index, 1));
            Assert.Throws<ArgumentException>(() => store.Heal(damage.Group, [entry with { Id = new(entry.Id.Term + 1, entry.Id.Index) }]));
            store.Heal(damage.Group, [entry]);
            store.Sync();
            Assert.Empty(store.Damages);
            Assert.Equal(expected, Describe(store));
        }

        using var again = Open(_disk);
        Assert.Empty(again.Damages);
        Assert.Equal(expected, Describe(again));
    }

    [Fact]
    public void A_group_that_lost_what_nobody_can_name_is_reset_and_used_again()
    {
        var expected = Fill();
        var record = Needed(_disk).Last(r => r.Header.Type == RecordType.HardState);
        _disk.Flip(Log, record.At.Offset + 40);
        var group = record.Header.Group;
        using (var store = Open(_disk))
        {
            Assert.True(Assert.Single(store.Damages).HardStateLost);
            store.ResetAfterDamage(group, new HardState(50, MemberId.None, 0));
            Append(store, group, 1, 10);
            Assert.Empty(store.Damages);
        }

        using var again = Open(_disk);
        Assert.Empty(again.Damages);
        var log = again.Group(group);
        Assert.Equal((50, 1, null), (log.HardState.Term, log.Last.Index, log.Snapshot));
        for (var g = 0; g < Groups; g++)
            if (Id(g) != group) Assert.Equal(expected[g], GroupModel.Describe(again.Group(Id(g))));
    }

    [Fact]
    public void What_cannot_be_read_while_the_store_runs_is_not_served_and_harms_no_other_group()
    {
        var expected = Fill();
        var record = Needed(_disk).Last(r => r.Header is { Type: RecordType.Entry, Length: > 0 });
        using var store = Open(_disk);
        var group = record.Header.Group;
        var entry = store.Group(group).Read(record.Header.Index, record.Header.Index, 1)[0];
        _disk.Flip(Log, record.At.Offset + RecordHeader.Size);
        var refused = Assert.Throws<LogCorruptedException>(() => store.Group(group).Read(entry.Id.Index, entry.Id.Index, 1));
        Assert.Equal((group, entry.Id.Index), (refused.Group, refused.Index));
        store.Heal(group, [entry]);
        Assert.Equal(expected, Describe(store));

        _disk.BreakSector(Log, record.At.Offset);
        Append(store, Id(2), 9, 10);
        Assert.Equal(9, store.Group(Id(2)).Last.Index);
    }

    [Fact]
    public void A_sector_that_cannot_be_read_at_the_start_is_damage_and_not_the_logs_end()
    {
        Fill();
        var record = Needed(_disk).First(r => r.Header.Type == RecordType.Entry);
        _disk.BreakSector(Log, record.At.Offset);
        using var store = Open(_disk);
        Assert.Contains(store.Damages, d => d.Group == record.Header.Group);
        Assert.Equal(0, store.CutBytes);
    }

    [Fact]
    public void A_damaged_snapshot_is_not_served()
    {
        Fill();
        var name = Assert.Single(_disk.List(), n => n.StartsWith("snapshot-", StringComparison.Ordinal));
        _disk.Flip(name, _disk.LengthOf(name) - 1);
        using (var store = Open(_disk))
        {
            var log = store.Group(Id(1));
            Assert.Equal(65_536, log.ReadSnapshot(0, int.MaxValue).Length);
            Assert.Equal(0, Assert.Throws<LogCorruptedException>(() => log.ReadSnapshot(65_536, 100)).Index);
        }

        _disk.Cut(name, 100);
        using var again = Open(_disk);
        Assert.True(Assert.Single(again.Damages).SnapshotLost);
    }

    [Theory]
    [InlineData(RecordHeader.Size)]
    [InlineData(40)]
    public void Damage_is_not_forgotten_when_space_is_reclaimed(int byteOfRecord)
    {
        var options = new LogStoreOptions { SegmentBytes = 4096, CacheBytes = 0 };
        using (var store = Open(_disk, options))
        {
            Append(store, Id(0), 1, 500);
            Churn(store, 0, 20);
        }

        _disk.Flip(Log, Scan(_disk).Records[0].At.Offset + byteOfRecord);
        for (var round = 1; round < 4; round++)
        {
            using var store = Open(_disk, options);
            Assert.Equal(Id(0), Assert.Single(store.Damages).Group);
            Churn(store, round * 20, 20);
        }
    }

    private static void Churn(LogStore store, int from, int rounds)
    {
        for (var round = from; round < from + rounds; round++)
        {
            for (var i = 0; i < 10; i++) store.Write(new GroupWrite(Id(1)) { HardState = new(round + 1, new(1), i) });
            store.Sync();
            while (store.Reclaim())
            {
            }
        }
    }

    private static GroupId Id(int group) => StoreWorkload.Group(group);

    private static LogStore Open(SimulatedDisk disk, LogStoreOptions? options = null) => LogStore.Open(disk, StoreWorkload.Identity, options ?? NoCache);

    private static string[] Describe(LogStore store) => [.. Enumerable.Range(0, Groups).Select(g => TryDescribe(store.Group(Id(g))))];

    private static string TryDescribe(GroupLog log)
    {
        try
        {
            return GroupModel.Describe(log);
        }
        catch (LogCorruptedException corrupted)
        {
            return corrupted.Message;
        }
    }

    private static SegmentScan Scan(SimulatedDisk disk) => SegmentScan.Read(disk.BytesOf(Log), 1);

    private static List<FoundRecord> Needed(SimulatedDisk disk)
    {
        using var store = Open(disk);
        return [.. Scan(disk).Records.Where(r => r.Header.Type != RecordType.Mark && store.Group(r.Header.Group).Needs(r.Header, r.At))];
    }

    private static void Append(LogStore store, GroupId group, long index, int bytes)
    {
        store.Write(new GroupWrite(group) { Entries = [NewEntry(index, index < 6 ? 1 : 3, bytes)] });
        store.Sync();
    }

    private static Entry NewEntry(long index, long term, int bytes) =>
        new(new(term, index), EntryKind.Data, Enumerable.Range(0, bytes).Select(i => (byte)(i + index)).ToArray());

    // All kinds of records, some needless by now, in batches that were synced and marked.
    private string[] Fill()
    {
        using var store = Open(_disk);
        for (var g = 0; g < Groups; g++)
        {
            store.Write(new GroupWrite(Id(g)) { HardState = new(1, new(2), 0), Entries = [.. Enumerable.Range(1, 8).Select(i => NewEntry(i, 1, 40 * g))] });
            store.Sync();
        }

        store.Write([.. Enumerable.Range(0, Groups).Select(g => new GroupWrite(Id(g)) { HardState = new(3, new(g), 5), Entries = [NewEntry(6, 3, 30), NewEntry(7, 3, 60), NewEntry(8, 3, 0)] })]);
        store.Sync();
        var info = new SnapshotInfo(new(1, 4), new byte[] { 1, 2, 3 }, 100_000);
        store.Write(new GroupWrite(Id(1)) { Snapshot = new(info, 0, new byte[100_000], true), DiscardThrough = 3 });
        store.Sync();
        store.Remove(Id(3));
        store.Sync();
        store.Write(new GroupWrite(Id(3)) { HardState = new(1, default, 0) });
        store.Sync();
        store.Mark();
        store.Sync();
        return Describe(store);
    }
}
