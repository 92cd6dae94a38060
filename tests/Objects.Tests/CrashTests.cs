namespace Notebook.Objects.Tests;

public sealed class CrashTests
{
    /// <summary>What the owner of the store knows for certain at the moment of the crash.</summary>
    private sealed class Known
    {
        public Dictionary<Manifest, byte[]> Put { get; } = [];

        public HashSet<Manifest> Durable { get; } = [];
    }

    // Puts, flushes and collections of values that share chunks; ends at the crash, or by itself.
    private static async Task RunAsync(MemoryFiles files, Known known)
    {
        try
        {
            using var store = new ObjectStore(files, Values.Roomy with { MaxThreads = 1 });
            var value = Values.Of(1, 300_000);
            for (var i = 0; i < 5; i++)
            {
                using var pins = store.OpenScope();
                value = value.Changed(i * 50_000, 5_000, seed: i);
                var manifest = (await store.PutOkAsync(value, pins, ChunkingMethod.ContentDefined)).Manifest;
                known.Put[manifest] = value;
                if (i % 2 == 0)
                {
                    Assert.IsType<FlushOutcome.Durable>(
                        await store.FlushAsync(manifest.Chunks.Append(manifest.Id).Select(chunk => chunk.Hash), default));
                    known.Durable.Add(manifest);
                }
                if (i < 2) continue;
                // Forgotten first, collected then: the owner's log is ahead of the store.
                var old = known.Put.Keys.First();
                known.Put.Remove(old);
                known.Durable.Remove(old);
                await store.CollectAsync([.. known.Put.Keys.Select(live => live.Id)]);
            }
        }
        catch (CrashException)
        {
        }
    }

    private static async Task<(Known Known, MemoryFiles Files)> CrashAtAsync(int operation)
    {
        var (files, known) = (new MemoryFiles { CrashAt = operation }, new Known());
        await RunAsync(files, known);
        return (known, files);
    }

    [Fact]
    public async Task A_crash_at_any_operation_loses_nothing_that_was_put_and_leaves_no_temporary_file()
    {
        var (_, whole) = await CrashAtAsync(0);
        Assert.True(whole.Operations > 30);
        for (var operation = 1; operation <= whole.Operations; operation++)
        {
            var (known, crashed) = await CrashAtAsync(operation);
            var files = crashed.AfterCrash();
            using var store = new ObjectStore(files, Values.Roomy);
            Assert.DoesNotContain(files.Names, name => name.EndsWith(".tmp", StringComparison.Ordinal));
            foreach (var (manifest, value) in known.Put)
                Assert.True(Values.AreSame(value, await store.GetAsync(manifest)), $"crash at {operation}");
            Assert.Equal(0, store.Status.DamagedChunks);
        }
    }

    [Fact]
    public async Task A_power_cut_at_any_operation_loses_nothing_that_was_flushed_and_serves_nothing_wrong()
    {
        var (_, whole) = await CrashAtAsync(0);
        for (var operation = 1; operation <= whole.Operations; operation++)
        {
            for (var seed = 0; seed < 4; seed++)
            {
                var (known, crashed) = await CrashAtAsync(operation);
                using var store = new ObjectStore(crashed.AfterPowerCut(new Random(seed)), Values.Roomy);
                foreach (var (manifest, value) in known.Put)
                {
                    var read = await store.GetAsync(manifest);
                    Assert.True(read is null || value.AsSpan().SequenceEqual(read), $"crash at {operation}, seed {seed}: wrong bytes");
                    Assert.True(read is not null || !known.Durable.Contains(manifest), $"crash at {operation}, seed {seed}: flushed and lost");
                }
            }
        }
    }

    [Fact]
    public async Task After_a_power_cut_a_flush_does_not_call_durable_what_was_lost()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var files = new MemoryFiles();
            var before = new ObjectStore(files, Values.Roomy);
            var manifest = (await before.PutOkAsync(Values.Of(1, 1_000_000), before.OpenScope())).Manifest;

            using var store = new ObjectStore(files.AfterPowerCut(new Random(seed)), Values.Roomy);
            var flushed = await store.FlushAsync(manifest.Chunks.Select(chunk => chunk.Hash), default);
            var missing = Assert.IsType<FlushOutcome.Missing>(flushed).Chunks;
            Assert.Equal(store.Missing(manifest).Select(chunk => chunk.Hash), missing.AsEnumerable());
        }
    }

    [Fact]
    public async Task Many_chunks_are_flushed_at_once_and_durable_ones_not_again()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy);
        var manifest = (await store.PutOkAsync(Values.Of(1, 10 * Cutter.FixedLength), store.OpenScope())).Manifest;
        var hashes = manifest.Chunks.Select(chunk => chunk.Hash).ToArray();
        Assert.IsType<FlushOutcome.Durable>(await store.FlushAsync(hashes[..6], default));
        Assert.IsType<FlushOutcome.Durable>(await store.FlushAsync(hashes, default));
        Assert.IsType<FlushOutcome.Durable>(await store.FlushAsync(hashes, default));
        Assert.Equal([6, 4], files.Syncs);
    }

    [Fact]
    public async Task What_a_disk_failed_to_sync_is_written_again_before_it_counts_as_durable()
    {
        var files = new MemoryFiles { SyncFails = true };
        using var store = new ObjectStore(files, Values.Roomy);
        var manifest = (await store.PutOkAsync(Values.Of(1, 2 * Cutter.FixedLength), store.OpenScope())).Manifest;
        var hashes = manifest.Chunks.Select(chunk => chunk.Hash).ToArray();
        Assert.Equal("a bad block", Assert.IsType<FlushOutcome.Failed>(await store.FlushAsync(hashes, default)).Reason);

        files.SyncFails = false;
        var writes = files.Writes;
        Assert.IsType<FlushOutcome.Durable>(await store.FlushAsync(hashes, default));
        Assert.Equal(writes + 2, files.Writes);
        Assert.Equal(files.List().Sum(file => file.Length), store.Status.DiskBytes);
    }
}
