using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Storage;

public sealed class StoreSpaceTests
{
    private static readonly LogStoreOptions Small = new() { SegmentBytes = 16 << 10, BatchBytes = 4 << 10, CacheBytes = 1000 };

    [Fact]
    public void A_disk_that_is_full_at_any_write_refuses_it_and_takes_it_when_there_is_room()
    {
        // Until the disk never gets full, because all of the run's writes went well before.
        var (write, refused) = (0, 0);
        for (var isRefused = true; isRefused; write++)
        {
            isRefused = false;
            var disk = new SimulatedDisk(write);
            var work = new StoreWorkload(3, 3, Small);
            work.Open(disk);
            disk.WritesUntilFull = write;
            work.OnFull = () =>
            {
                (isRefused, refused) = (true, refused + 1);
                disk.WritesUntilFull = int.MaxValue;
            };
            for (var step = 0; step < 60; step++) work.Step();
            work.CheckNow("with room again");
            work.Sync();
            work.Store!.Dispose();
            disk.Restart();
            work.Open(disk);
            work.CheckRecovered($"full at write {write}");
        }

        Assert.True(write > 50, $"a run has only {write} writes");
        Assert.True(refused >= write - 1, $"the disk was full {refused} times in {write} runs");
    }

    [Fact]
    public void A_crash_on_a_full_disk_loses_nothing_that_was_synced()
    {
        for (var write = 0; write < 100; write++)
        {
            var disk = new SimulatedDisk(write);
            var work = new StoreWorkload(4, 3, Small);
            work.Open(disk);
            disk.WritesUntilFull = write;
            work.OnFull = () => throw new SimulatedCrashException();
            var crash = Record.Exception(() =>
            {
                for (var step = 0; step < 60; step++) work.Step();
            });
            Assert.True(crash is null or SimulatedCrashException, $"{crash}");
            disk.Restart();
            work.Open(disk);
            work.CheckRecovered($"full at write {write}, then a crash");
            disk.WritesUntilFull = int.MaxValue;
            work.Step();
            work.CheckNow("with room again");
        }
    }

    [Fact]
    public void Space_stays_within_twice_what_is_needed_also_when_idle_groups_pin_old_segments()
    {
        var disk = new SimulatedDisk(5);
        using var store = LogStore.Open(disk, StoreWorkload.Identity, Small);
        var term = 0;
        for (var round = 0; round < 400; round++)
        {
            // A new group in each round that then does nothing, among others that write and discard.
            store.Write(Entries(100 + round, 1, 3, 50), new GroupWrite(StoreWorkload.Group(round % 4)) { HardState = new(++term, default, 0), Entries = Entries(round % 4, (round / 4 * 5) + 1, 5, 300).Entries });
            if (round % 40 >= 36) Discard(store, round % 4, term);
            store.Sync();
            while (store.Reclaim())
            {
            }

            var size = store.Size;
            var limit = (2 * size.LiveBytes) + (3 * Small.SegmentBytes);
            Assert.True(size.TotalBytes <= limit, $"round {round}: {size}, at most {limit}");
        }

        Assert.Equal(400, Enumerable.Range(100, 400).Count(g => store.Group(StoreWorkload.Group(g)).Read(1, 3, 1000).Length == 3));
        var live = store.Size.LiveBytes;
        store.Dispose();
        using var again = LogStore.Open(disk, StoreWorkload.Identity, Small);
        Assert.Equal(live, again.Size.LiveBytes);
        Assert.Empty(again.Damages);
    }

    [Fact]
    public void Removed_groups_leave_nothing_behind()
    {
        var disk = new SimulatedDisk(6);
        using var store = LogStore.Open(disk, StoreWorkload.Identity, Small);
        for (var g = 0; g < 100; g++) store.Write(Entries(g, 1, 10, 200));
        store.Sync();
        Discard(store, 0, 1);
        Assert.Contains(disk.List(), n => n.StartsWith("snapshot-", StringComparison.Ordinal));
        for (var g = 0; g < 100; g++) store.Remove(StoreWorkload.Group(g));
        store.Sync();
        while (store.Reclaim())
        {
        }

        Assert.Empty(store.Groups);
        Assert.True(store.Size.TotalBytes <= 3 * Small.SegmentBytes, $"{store.Size}");
        Assert.DoesNotContain(disk.List(), n => n.StartsWith("snapshot-", StringComparison.Ordinal));
        store.Dispose();
        using var again = LogStore.Open(disk, StoreWorkload.Identity, Small);
        Assert.Empty(again.Groups);
    }

    [Fact]
    public void A_thousand_idle_groups_take_little_memory_and_all_come_back()
    {
        const int Many = 1000;
        var disk = new SimulatedDisk(7);
        using (var store = LogStore.Open(disk, StoreWorkload.Identity))
        {
            store.Write([.. Enumerable.Range(0, Many).Select(g => Entries(g, 1, 5, 100) with { HardState = new(1, new(1), 5) })]);
            store.Sync();
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var again = LogStore.Open(disk, StoreWorkload.Identity);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(Many, again.Groups.Count());
        Assert.All(Enumerable.Range(0, Many), g => Assert.Equal(5, again.Group(StoreWorkload.Group(g)).Last.Index));
        Assert.True(bytes / Many < 2048, $"{bytes / Many} bytes for each group");
    }

    private static GroupWrite Entries(int group, long first, int count, int bytes) => new(StoreWorkload.Group(group))
    {
        Entries = [.. Enumerable.Range(0, count).Select(i => new Entry(new(1, first + i), EntryKind.Data, new byte[bytes]))],
    };

    private static void Discard(LogStore store, int group, long term)
    {
        var last = store.Group(StoreWorkload.Group(group)).Last;
        store.Write(new GroupWrite(StoreWorkload.Group(group))
        {
            HardState = new(term, default, last.Index),
            Snapshot = new(new(last, default, 10), 0, new byte[10], true),
            DiscardThrough = last.Index,
        });
        store.Sync();
    }
}
