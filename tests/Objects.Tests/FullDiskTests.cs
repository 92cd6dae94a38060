namespace Notebook.Objects.Tests;

public sealed class FullDiskTests
{
    private static readonly byte[] _value = Values.Of(1, 10 * Cutter.FixedLength);

    private static async Task<DiskShortage> RefusedAsync(ObjectStore store, byte[] value)
    {
        using var pins = store.OpenScope();
        return Assert.IsType<PutOutcome.Full>(await store.PutAsync(value, ChunkingMethod.FixedOffset, pins, default)).Shortage;
    }

    [Fact]
    public async Task A_put_beyond_the_limit_is_refused_with_figures_and_writes_nothing()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy with { MaxDiskBytes = 5 * Cutter.FixedLength });
        var shortage = await RefusedAsync(store, _value);
        Assert.InRange(shortage.AskedBytes, _value.Length + 1, _value.Length + 1000);
        Assert.Equal(5 * Cutter.FixedLength, shortage.FreeBytes);
        Assert.Contains($"no room for {shortage.AskedBytes} more bytes, only for {shortage.FreeBytes}", shortage.ToString(), StringComparison.Ordinal);
        Assert.Empty(files.Names);
        Assert.Equal(0, files.Writes);
    }

    [Fact]
    public async Task Only_what_is_new_needs_room_and_there_is_room_again_after_a_collection()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy with { MaxDiskBytes = 13 * Cutter.FixedLength });
        Manifest first, second;
        using (var pins = store.OpenScope())
        {
            first = (await store.PutOkAsync(_value, pins)).Manifest;
            second = (await store.PutOkAsync(_value.Changed(0, 1, seed: 2), pins)).Manifest;
        }
        var other = Values.Of(3, 5 * Cutter.FixedLength);
        await RefusedAsync(store, other);

        Assert.IsType<CollectOutcome.Collected>(await store.CollectAsync());
        using var more = store.OpenScope();
        Assert.Equal(other, await store.GetAsync((await store.PutOkAsync(other, more)).Manifest));
        Assert.False(store.IsComplete(first));
        Assert.False(store.IsComplete(second));
    }

    [Fact]
    public async Task The_reserve_of_the_disk_is_left_to_others()
    {
        var files = new MemoryFiles { Capacity = 12 * Cutter.FixedLength };
        using var store = new ObjectStore(files, new() { MinFreeDiskBytes = 4 * Cutter.FixedLength });
        Assert.Equal(8 * Cutter.FixedLength, (await RefusedAsync(store, _value)).FreeBytes);
        Assert.Empty(files.Names);
    }

    [Fact]
    public async Task A_disk_that_fills_up_in_the_middle_leaves_nothing_of_the_value_and_recovers()
    {
        for (var chunks = 0; chunks < 10; chunks++)
        {
            var files = new MemoryFiles();
            using var store = new ObjectStore(files, Values.Roomy);
            using var pins = store.OpenScope();
            var kept = Values.Of(50, 1000);
            var before = (await store.PutOkAsync(kept, pins)).Manifest;
            var names = files.Names;
            files.Capacity = files.List().Sum(file => file.Length) + chunks * Cutter.FixedLength + 500;
            files.Overstated = 1L << 40;

            var shortage = await RefusedAsync(store, _value);
            Assert.True(shortage.AskedBytes > _value.Length);
            Assert.Equal(names, files.Names);
            Assert.Equal(files.List().Sum(file => file.Length), store.Status.DiskBytes);
            Assert.Equal(kept, await store.GetAsync(before));

            files.Capacity = long.MaxValue;
            Assert.Equal(_value, await store.GetAsync((await store.PutOkAsync(_value, pins)).Manifest));
        }
    }

    [Fact]
    public async Task A_chunk_of_a_peer_is_refused_the_same_way()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy with { MaxDiskBytes = 1000 });
        using var pins = store.OpenScope();
        var full = await store.PutChunkAsync(VerifiedChunk.Of(Values.Of(1, 1001)), pins, default);
        Assert.Equal(new DiskShortage(1001, 1000), Assert.IsType<PutChunkOutcome.Full>(full).Shortage);
        Assert.Equal(new PutChunkOutcome.Stored(true), await store.PutChunkAsync(VerifiedChunk.Of(Values.Of(1, 1000)), pins, default));
    }

    [Fact]
    public async Task Puts_at_the_same_time_do_not_take_the_same_room()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy with { MaxDiskBytes = 15 * Cutter.FixedLength });
        using var pins = store.OpenScope();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            store.PutAsync(Values.Of(100 + i, 3 * Cutter.FixedLength), ChunkingMethod.FixedOffset, pins, default)));
        Assert.Equal(4, outcomes.Count(outcome => outcome is PutOutcome.Stored));
        Assert.InRange(store.Status.DiskBytes, 12 * Cutter.FixedLength, 15 * Cutter.FixedLength);
    }

    [Fact]
    public async Task A_put_that_is_cancelled_gives_its_room_back()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        using var pins = store.OpenScope();
        var free = store.Status.FreeBytes;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            store.PutAsync(_value, ChunkingMethod.FixedOffset, pins, new CancellationToken(canceled: true)));
        Assert.Equal(free, store.Status.FreeBytes + store.Status.DiskBytes);
    }
}
