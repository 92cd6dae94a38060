using System.Collections.Concurrent;

namespace Notebook.Objects.Tests;

public sealed class CollectionTests
{
    private static readonly byte[] _value = Values.Of(1, 4 * Cutter.FixedLength);

    [Fact]
    public async Task What_no_live_value_has_goes_and_what_one_has_stays()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        Manifest old, live;
        using (var pins = store.OpenScope())
        {
            old = (await store.PutOkAsync(_value, pins)).Manifest;
            live = (await store.PutOkAsync(_value.Changed(0, 1, seed: 2), pins)).Manifest;
        }
        Assert.Equal(
            new CollectOutcome.Collected(2, old.Id.Length + old.Chunks[0].Length), await store.CollectAsync(live.Id));
        Assert.True(store.IsComplete(live));
        Values.AreEqual([old.Chunks[0]], store.Missing(old));
        Assert.Null(await store.ReadManifestAsync(old.Id, default));
    }

    [Fact]
    public async Task What_a_scope_put_or_found_there_stays_until_the_scope_ends()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        using (var pins = store.OpenScope()) await store.PutOkAsync(_value, pins);
        var again = store.OpenScope();
        var manifest = (await store.PutOkAsync(_value, again)).Manifest;
        Assert.Equal(new CollectOutcome.Collected(0, 0), await store.CollectAsync());
        Assert.True(store.IsComplete(manifest));

        again.Dispose();
        again.Dispose();
        Assert.Equal(5, Assert.IsType<CollectOutcome.Collected>(await store.CollectAsync()).Chunks);
    }

    [Fact]
    public async Task Names_are_pinned_before_their_chunks_come()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        var chunk = VerifiedChunk.Of(_value);
        using var pins = store.OpenScope();
        pins.Pin([chunk.Ref]);
        using (var others = store.OpenScope()) await store.PutChunkAsync(chunk, others, default);
        await store.CollectAsync();
        Assert.True(store.Holds(chunk.Ref));
    }

    [Fact]
    public async Task What_becomes_live_after_the_owner_was_asked_stays()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        var scope = store.OpenScope();
        var early = (await store.PutOkAsync(_value, scope)).Manifest;
        Manifest? late = null;
        var outcome = await store.CollectAsync(async _ =>
        {
            // The answer is made up; before it is used, one value is named and unpinned and another comes and goes.
            scope.Dispose();
            using var pins = store.OpenScope();
            late = (await store.PutOkAsync(Values.Of(9, 1000), pins)).Manifest;
            return new HashSet<ChunkRef>();
        }, default);
        Assert.Equal(new CollectOutcome.Collected(0, 0), outcome);
        Assert.True(store.IsComplete(early) && store.IsComplete(late!));
    }

    [Fact]
    public async Task Nothing_is_deleted_while_a_live_manifest_is_missing()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy);
        Manifest manifest;
        using (var pins = store.OpenScope()) manifest = (await store.PutOkAsync(_value, pins)).Manifest;
        files.Decay(Values.FileOf(manifest.Id), file => file[1..]);

        var blocked = Assert.IsType<CollectOutcome.Blocked>(await store.CollectAsync(manifest.Id));
        Values.AreEqual([manifest.Id], blocked.Manifests);
        Assert.True(store.IsComplete(manifest));

        using (var pins = store.OpenScope()) await store.PutChunkAsync(manifest.Chunk, pins, default);
        Assert.Equal(new CollectOutcome.Collected(0, 0), await store.CollectAsync(manifest.Id));
        Assert.Equal(_value, await store.GetAsync(manifest));
    }

    [Fact]
    public async Task Chunks_without_manifests_are_live_when_their_owner_names_them()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        var chunks = await PutChunksAsync(store, 2_000);
        var live = chunks.Where((_, i) => i % 3 == 0).ToHashSet();
        var outcome = await store.CollectAsync(
            mark =>
            {
                foreach (var batch in live.Chunk(7)) mark(batch);
                mark([.. live.Take(5), ChunkRef.Of(new byte[9])]);   // named twice, and one that is not here
                return null;
            },
            default);
        Assert.Equal(chunks.Length - live.Count, Assert.IsType<CollectOutcome.Collected>(outcome).Chunks);
        Assert.Equal(live, store.Chunks.ToHashSet());
    }

    [Fact]
    public async Task Nothing_is_deleted_when_the_owner_cannot_name_all()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        var chunks = await PutChunksAsync(store, 3);
        Assert.Equal(new CollectOutcome.Incomplete("a log is damaged"), await store.CollectAsync(_ => "a log is damaged", default));
        Assert.True(chunks.All(store.Holds));
    }

    [Fact]
    public async Task A_pin_that_ends_early_protects_until_the_collection_that_runs_is_over()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        var chunks = await PutChunksAsync(store, 2);
        using var pins = store.OpenScope();
        Assert.True(chunks.All(pins.TryPin));
        Assert.False(pins.TryPin(ChunkRef.Of(new byte[9])));
        await store.CollectAsync(
            mark =>
            {
                pins.Unpin([chunks[0]]);
                return null;
            },
            default);
        Assert.True(chunks.All(store.Holds));
        await store.CollectAsync(_ => null, default);
        Values.AreEqual([chunks[1]], store.Chunks);
    }

    private static async Task<ChunkRef[]> PutChunksAsync(ObjectStore store, int count)
    {
        using var pins = store.OpenScope();
        var chunks = Enumerable.Range(1, count).Select(seed => VerifiedChunk.Of(Values.Of(seed, 16))).ToArray();
        foreach (var chunk in chunks) await store.PutChunkAsync(chunk, pins, default);
        return [.. chunks.Select(chunk => chunk.Ref)];
    }

    [Fact]
    public async Task Nothing_live_goes_while_puts_and_collections_run_at_the_same_time()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy with { MaxThreads = 4 });
        var live = new ConcurrentDictionary<Manifest, byte[]>();
        var collections = 0;

        // Few distinct chunks, so that what one forgets another puts again just then.
        var blocks = Enumerable.Range(0, 8).Select(seed => Values.Of(seed, Cutter.FixedLength)).ToArray();
        async Task PutAsync(int seed)
        {
            var random = new Random(seed);
            for (var i = 0; i < 100; i++)
            {
                byte[] value = [.. blocks[random.Next(8)], .. blocks[random.Next(8)]];
                using (var pins = store.OpenScope()) live[(await store.PutOkAsync(value, pins)).Manifest] = value;
                var all = live.Keys.ToArray();
                if (all.Length > 5) live.TryRemove(all[random.Next(all.Length)], out _);
            }
        }

        var putting = Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() => PutAsync(seed))));
        while (!putting.IsCompleted)
        {
            await store.CollectAsync(_ => new(live.Keys.Select(manifest => manifest.Id).ToHashSet()), default);
            collections++;
        }
        await putting;
        Assert.True(collections > 1);
        foreach (var (manifest, value) in live) Assert.Equal(value, await store.GetAsync(manifest));
        Assert.Equal(0, store.Status.DamagedChunks);

        live.Clear();
        await store.CollectAsync();
        Assert.Empty(files.Names);
    }
}
