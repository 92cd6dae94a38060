using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Records;
using Notebook.Raft.Storage.Recovery;

namespace Notebook.Raft.Tests.Storage;

public sealed class StoreReclaimTests
{
    private static readonly LogStoreOptions Small = new() { SegmentBytes = 4096, CacheBytes = 0 };
    private static readonly string First = Segment.NameOf(1);

    [Fact]
    public void A_copied_entry_keeps_its_place_before_those_that_were_not_copied()
    {
        const int Many = 30;
        var disk = new SimulatedDisk(1);
        using (var store = LogStore.Open(disk, StoreWorkload.Identity, Small))
        {
            for (var g = 0; g < Many; g++)
            {
                store.Write(Entry(g, 1, g < 10 ? 10 : 500));
                for (var i = 0; i < 60; i++) store.Write(new GroupWrite(StoreWorkload.Group(Many)) { HardState = new(1, default, i) });
                store.Sync();
            }

            // These fill most of a segment each, so that it is not worth emptying: only the entries before them are copied.
            for (var g = 0; g < 10; g++) store.Write(Entry(g, 2, 3000));
            store.Sync();
            while (store.Reclaim())
            {
            }

            Assert.Contains(Enumerable.Range(1, 8), n => !disk.List().Contains(Segment.NameOf(n)));
        }

        using var again = LogStore.Open(disk, StoreWorkload.Identity, Small);
        Assert.Empty(again.Damages);
        for (var g = 0; g < Many; g++) Assert.Equal(g < 10 ? 2 : 1, again.Group(StoreWorkload.Group(g)).Read(1, 2, int.MaxValue).Length);
    }

    [Fact]
    public void A_full_disk_makes_no_room_by_deleting_what_only_unsynced_writes_replace()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var disk = new SimulatedDisk(seed);
            using (var store = LogStore.Open(disk, StoreWorkload.Identity, Small))
            {
                for (var index = 1; index < 12; index++) store.Write(Entry(0, index, 900));
                store.Sync();
                store.Remove(StoreWorkload.Group(0));
                disk.WritesUntilFull = 0;
                Assert.IsType<WriteOutcome.DiskFull>(store.Write(Entry(1, 1, 10)));
            }

            disk.Restart();
            using var again = LogStore.Open(disk, StoreWorkload.Identity, Small);
            Assert.True(again.Damages.IsEmpty, $"seed {seed}: {string.Join("; ", again.Damages)}");
            Assert.True(again.Group(StoreWorkload.Group(0)).Last.Index is 0 or 11, $"seed {seed}: {again.Group(StoreWorkload.Group(0)).Last}");
        }
    }

    [Fact]
    public void A_refused_write_leaves_nothing_in_the_file_and_no_gap_in_what_is_counted()
    {
        var disk = new SimulatedDisk(3);
        using var store = LogStore.Open(disk, StoreWorkload.Identity, Small);
        store.Write(Entry(0, 1, 10));
        store.Sync();
        var length = disk.LengthOf(First);
        disk.WritesUntilFull = 0;
        for (var tries = 0; tries < 5; tries++)
        {
            Assert.IsType<WriteOutcome.DiskFull>(store.Write(tries == 0 ? [Entry(0, 2, 600)] : []));
            Assert.Equal(length, disk.LengthOf(First));
        }

        disk.WritesUntilFull = int.MaxValue;
        Assert.IsType<WriteOutcome.Written>(store.Write());
        var own = SegmentScan.Read(disk.BytesOf(First), 1).Records.Where(r => r.Header.Group == StoreWorkload.Group(0));
        Assert.Equal([1L, 2L], own.Select(r => r.Header.Sequence));
    }

    private static GroupWrite Entry(int group, long index, int bytes) =>
        new(StoreWorkload.Group(group)) { Entries = [new Entry(new(1, index), EntryKind.Data, new byte[bytes])] };
}
