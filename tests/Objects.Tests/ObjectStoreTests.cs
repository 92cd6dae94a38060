using System.Buffers;

namespace Notebook.Objects.Tests;

public sealed class ObjectStoreTests
{
    [Fact]
    public async Task What_is_put_is_read_back_whole_in_part_and_as_a_stream()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        using var pins = store.OpenScope();
        foreach (var method in Enum.GetValues<ChunkingMethod>())
        {
            foreach (var length in (int[])[0, 1, 65_536, 131_072, 1_000_000])
            {
                var value = Values.Of(length, length);
                var manifest = (await store.PutOkAsync(value, pins, method)).Manifest;
                Assert.Equal(value, await store.GetAsync(manifest));
                Assert.True(store.IsComplete(manifest));
                Values.AreEqual(manifest.Chunks, (await store.ReadManifestAsync(manifest.Id, default))!.Chunks);

                var stream = new MemoryStream();
                Assert.IsType<ReadOutcome.Done>(await store.CopyToAsync(manifest, stream, default));
                Assert.Equal(value, stream.ToArray());

                var random = new Random(length);
                for (var i = 0; i < 30; i++)
                {
                    var from = random.Next(length + 1);
                    var part = new byte[random.Next(length - from + 1)];
                    Assert.IsType<ReadOutcome.Done>(await store.ReadAsync(manifest, from, part, default));
                    Assert.True(part.AsSpan().SequenceEqual(value.AsSpan(from, part.Length)));
                }
            }
        }
    }

    [Fact]
    public async Task A_value_in_pieces_is_the_same_value()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        using var pins = store.OpenScope();
        var value = Values.Of(1, 1_000_000);
        foreach (var method in Enum.GetValues<ChunkingMethod>())
        {
            var whole = (await store.PutOkAsync(value, pins, method)).Manifest;
            var pieces = Pieces.Of(value, 3, 100_000, 131_072, 500_000);
            var stored = Assert.IsType<PutOutcome.Stored>(await store.PutAsync(pieces, method, pins, default));
            Assert.Equal(whole.Id, stored.Manifest.Id);
            Assert.Empty(stored.New);
        }
    }

    [Fact]
    public async Task A_chunk_that_is_there_is_not_written_again_and_not_called_new()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy);
        using var pins = store.OpenScope();
        var value = Values.Of(2, 10 * Cutter.FixedLength);
        Assert.Equal(11, (await store.PutOkAsync(value, pins)).New.Length);

        var writes = files.Writes;
        var changed = await store.PutOkAsync(value.Changed(3 * Cutter.FixedLength, 10, seed: 3), pins);
        Values.AreEqual([changed.Manifest.Id, changed.Manifest.Chunks[3]], changed.New);
        Assert.Equal(writes + 2, files.Writes);
        Assert.Empty((await store.PutOkAsync(value, pins)).New);
        Assert.Equal(writes + 2, files.Writes);
        Assert.InRange(store.Status.DedupRatio, 2.5, 3);
    }

    [Fact]
    public async Task A_chunk_that_a_value_has_twice_is_kept_once()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        using var pins = store.OpenScope();
        var stored = await store.PutOkAsync(new byte[8 * Cutter.FixedLength], pins);
        Assert.Equal(2, stored.New.Length);
        Assert.Equal(2, store.Status.Chunks);
        Assert.Equal(new byte[8 * Cutter.FixedLength], await store.GetAsync(stored.Manifest));
    }

    [Fact]
    public async Task After_a_restart_chunks_are_found_again_and_not_written_again()
    {
        var files = new MemoryFiles();
        var value = Values.Of(4, 500_000);
        Manifest manifest;
        using (var store = new ObjectStore(files, Values.Roomy))
        using (var pins = store.OpenScope())
            manifest = (await store.PutOkAsync(value, pins)).Manifest;

        using var again = new ObjectStore(files, Values.Roomy);
        using var pinsAgain = again.OpenScope();
        var writes = files.Writes;
        Assert.Empty((await again.PutOkAsync(value, pinsAgain)).New);
        Assert.Equal(writes, files.Writes);
        Assert.Equal(value, await again.GetAsync(manifest));
    }

    [Fact]
    public async Task What_is_missing_is_named_in_order()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        using var other = new ObjectStore(new MemoryFiles(), Values.Roomy);
        using var pins = store.OpenScope();
        using var otherPins = other.OpenScope();
        var manifest = (await other.PutOkAsync(Values.Of(5, 6 * Cutter.FixedLength), otherPins)).Manifest;
        foreach (var i in (int[])[4, 1])
            await store.PutChunkAsync((await other.ReadChunkAsync(manifest.Chunks[i], default))!, pins, default);

        ChunkRef[] missing = [manifest.Chunks[0], manifest.Chunks[2], manifest.Chunks[3], manifest.Chunks[5]];
        Values.AreEqual(missing, store.Missing(manifest));
        Assert.False(store.IsComplete(manifest));
        var read = Assert.IsType<ReadOutcome.Missing>(await store.ReadAsync(manifest, 0, new byte[manifest.Length], default));
        Values.AreEqual(missing, read.Chunks);
        Values.AreEqual([missing[0]], Assert.IsType<ReadOutcome.Missing>(await store.CopyToAsync(manifest, new MemoryStream(), default)).Chunks);
        Assert.Null(await store.ReadChunkAsync(missing[0], default));
        Assert.Equal(6, store.Status.MissedReads);
    }

    [Fact]
    public async Task Any_sequence_of_puts_reads_collections_and_restarts_agrees_with_a_dictionary()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var (random, files, twin) = (new Random(seed), new MemoryFiles(), new Dictionary<Manifest, byte[]>());
            var store = new ObjectStore(files, Values.Roomy with { MaxMemoryBytes = 300_000 });
            var bases = Enumerable.Range(0, 3).Select(i => Values.Of(seed * 10 + i, 400_000)).ToArray();
            for (var step = 0; step < 40; step++)
            {
                switch (random.Next(8))
                {
                    case < 4:
                        var chosen = bases[random.Next(3)];
                        var value = chosen.Changed(random.Next(300_000), random.Next(1, 100_000), random.Next())[..random.Next(1, 400_000)];
                        using (var pins = store.OpenScope())
                            twin[(await store.PutOkAsync(value, pins, (ChunkingMethod)random.Next(2))).Manifest] = value;
                        break;
                    case < 6 when twin.Count > 0:
                        twin.Remove(twin.Keys.ElementAt(random.Next(twin.Count)));
                        Assert.IsType<CollectOutcome.Collected>(await store.CollectAsync([.. twin.Keys.Select(live => live.Id)]));
                        var named = twin.Keys.SelectMany(live => live.Chunks.Append(live.Id)).Select(Values.FileOf).Distinct().Order(StringComparer.Ordinal);
                        Assert.True(named.SequenceEqual(files.Names), $"seed {seed}, step {step}: not exactly the live chunks are left");
                        break;
                    case 6:
                        store.Dispose();
                        store = new ObjectStore(files, Values.Roomy with { MaxMemoryBytes = 300_000 });
                        break;
                }
                foreach (var (manifest, value) in twin)
                    Assert.True(Values.AreSame(value, await store.GetAsync(manifest)), $"seed {seed}, step {step}");
            }
            Assert.Equal(files.List().Sum(file => file.Length), store.Status.DiskBytes);
            store.Dispose();
        }
    }

    [Fact]
    public async Task Memory_holds_what_was_read_last_and_no_more_than_its_limit()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy with { MaxMemoryBytes = 2 * Cutter.FixedLength });
        using var pins = store.OpenScope();
        var chunks = (await store.PutOkAsync(Values.Of(6, 3 * Cutter.FixedLength), pins)).Manifest.Chunks;
        foreach (var i in (int[])[0, 1, 0, 2]) await store.ReadChunkAsync(chunks[i], default);
        Assert.Equal(2 * Cutter.FixedLength, store.Status.MemoryBytes);

        // What is in memory needs no disk: 0 and 2 are, 1 had to go.
        foreach (var chunk in chunks) files.Delete(Values.FileOf(chunk));
        Assert.NotNull(await store.ReadChunkAsync(chunks[0], default));
        Assert.NotNull(await store.ReadChunkAsync(chunks[2], default));
        Assert.Null(await store.ReadChunkAsync(chunks[1], default));
    }
}
