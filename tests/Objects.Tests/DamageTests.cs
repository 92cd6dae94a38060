namespace Notebook.Objects.Tests;

public sealed class DamageTests
{
    private static readonly byte[] _value = Values.Of(1, 3 * Cutter.FixedLength);

    public static TheoryData<string> Damages => ["flip", "cut", "zero", "empty", "gone"];

    private static void Damage(MemoryFiles files, string name, string kind)
    {
        if (kind == "gone") files.Delete(name);
        else files.Decay(name, file => kind switch
        {
            "flip" => [.. file[..1000], (byte)(file[1000] ^ 4), .. file[1001..]],
            "cut" => file[..^1],
            "zero" => new byte[file.Length],
            _ => [],
        });
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_chunk_is_reported_missing_never_served_and_heals(string kind)
    {
        foreach (var isRestarted in (bool[])[false, true])
        {
            var files = new MemoryFiles();
            var store = new ObjectStore(files, Values.Roomy);
            var manifest = (await store.PutOkAsync(_value, store.OpenScope())).Manifest;
            var chunk = VerifiedChunk.Of(_value.AsMemory(Cutter.FixedLength, Cutter.FixedLength));
            Damage(files, Values.FileOf(chunk.Ref), kind);
            if (isRestarted) store = new(files, Values.Roomy);

            var read = Assert.IsType<ReadOutcome.Missing>(await store.ReadAsync(manifest, 0, new byte[_value.Length], default));
            Values.AreEqual([chunk.Ref], read.Chunks);
            Values.AreEqual([chunk.Ref], store.Missing(manifest));
            // A file that is gone before the start was never known.
            var isKnown = kind != "gone" || !isRestarted;
            Assert.Equal(isKnown ? 1 : 0, store.Status.DamagedChunks);
            Assert.Equal(kind == "gone" ? 0 : 1, store.Status.QuarantinedFiles);
            Assert.DoesNotContain(Values.FileOf(chunk.Ref), files.Names);

            using var pins = store.OpenScope();
            Assert.Equal(new PutChunkOutcome.Stored(IsNew: true), await store.PutChunkAsync(chunk, pins, default));
            Assert.Equal(_value, await store.GetAsync(manifest));
            Assert.Equal(files.List().Where(file => file.Name.StartsWith("chunks/", StringComparison.Ordinal)).Sum(file => file.Length), store.Status.DiskBytes);
        }
    }

    [Fact]
    public async Task A_flip_at_any_byte_is_found()
    {
        var files = new MemoryFiles();
        var value = Values.Of(2, 2000);
        var store = new ObjectStore(files, Values.Roomy);
        var manifest = (await store.PutOkAsync(value, store.OpenScope())).Manifest;
        var chunk = manifest.Chunks[0];
        for (var at = 0; at < value.Length; at++)
        {
            files.Decay(Values.FileOf(chunk), file => { file[at] ^= (byte)(1 << (at % 8)); return file; });
            Assert.Null(await store.GetAsync(manifest));
            await store.PutChunkAsync(VerifiedChunk.Of(value), store.OpenScope(), default);
            Assert.Equal(value, await store.GetAsync(manifest));
        }
        Assert.Equal(value.Length, store.Status.DamagedChunks);
    }

    [Fact]
    public async Task A_put_does_not_count_on_a_chunk_that_decayed_before_the_start()
    {
        var files = new MemoryFiles();
        var before = new ObjectStore(files, Values.Roomy);
        var manifest = (await before.PutOkAsync(_value, before.OpenScope())).Manifest;
        Damage(files, Values.FileOf(manifest.Chunks[1]), "flip");

        using var store = new ObjectStore(files, Values.Roomy);
        Values.AreEqual([manifest.Chunks[1]], (await store.PutOkAsync(_value, store.OpenScope())).New);
        Assert.Equal(_value, await store.GetAsync(manifest));
    }

    [Fact]
    public async Task Scrubbing_finds_what_decayed_before_anybody_reads_it()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy);
        var manifest = (await store.PutOkAsync(_value, store.OpenScope())).Manifest;
        Damage(files, Values.FileOf(manifest.Chunks[0]), "zero");
        Assert.True(store.IsComplete(manifest));
        await store.ScrubAsync(default);
        Values.AreEqual([manifest.Chunks[0]], store.Missing(manifest));
        Assert.Equal(1, store.Status.DamagedChunks);
    }

    [Fact]
    public async Task A_name_with_a_wrong_length_costs_no_good_chunk()
    {
        using var store = new ObjectStore(new MemoryFiles(), Values.Roomy);
        var manifest = (await store.PutOkAsync(_value, store.OpenScope())).Manifest;
        var lie = manifest.Chunks[0] with { Length = 5 };
        Assert.False(store.Holds(lie));
        Assert.Null(await store.ReadChunkAsync(lie, default));
        await store.ReadAsync(Manifest.Of([lie]), 0, new byte[5], default);
        Assert.Equal(_value, await store.GetAsync(manifest));
    }

    [Fact]
    public async Task The_quarantine_is_bounded()
    {
        var files = new MemoryFiles();
        using var store = new ObjectStore(files, Values.Roomy);
        var pins = store.OpenScope();
        for (var i = 0; i < 80; i++)
        {
            var manifest = (await store.PutOkAsync(Values.Of(100 + i, 100), pins)).Manifest;
            Damage(files, Values.FileOf(manifest.Chunks[0]), "zero");
            Assert.Null(await store.GetAsync(manifest));
        }
        Assert.Equal(80, store.Status.DamagedChunks);
        Assert.Equal(64, store.Status.QuarantinedFiles);
        Assert.Equal(64, files.Names.Count(name => name.StartsWith("quarantine/", StringComparison.Ordinal)));
    }
}
