namespace Notebook.Objects.Tests;

public sealed class ManifestTests
{
    private static Manifest Example(int seed, int chunks)
    {
        var random = new Random(seed);
        return Manifest.Of([.. Enumerable.Range(0, chunks).Select(i => new ChunkRef(ObjectHash.Of([(byte)i, (byte)seed]), random.Next(1, 1000)))]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public void What_is_written_is_read_back(int chunks)
    {
        var written = Example(1, chunks);
        var read = Manifest.Read(written.Chunk.Bytes.Span);
        Assert.NotNull(read);
        Assert.Equal(written.Id, read.Id);
        Assert.Equal(written.Length, read.Length);
        Values.AreEqual(written.Chunks, read.Chunks);
    }

    [Fact]
    public void Other_bytes_are_refused_or_have_another_identity()
    {
        var manifest = Example(2, 4);
        for (var at = 0; at < manifest.Chunk.Bytes.Length; at++)
        {
            Assert.Null(Manifest.Read(manifest.Chunk.Bytes.Span[..at]));
            var changed = manifest.Chunk.Bytes.ToArray();
            changed[at] ^= 1;
            Assert.NotEqual(manifest.Id, Manifest.Read(changed)?.Id);
        }
        Assert.Null(Manifest.Read([.. manifest.Chunk.Bytes.Span, 0]));
    }

    [Fact]
    public void Lengths_that_do_not_add_up_are_refused()
    {
        var bytes = Example(3, 2).Chunk.Bytes.ToArray();
        bytes[4]++;
        Assert.Null(Manifest.Read(bytes));
    }

    [Fact]
    public void An_impossible_number_of_chunks_is_refused_before_memory_is_taken()
    {
        var bytes = Example(4, 2).Chunk.Bytes.ToArray();
        bytes.AsSpan(12, 4).Fill(0x7f);
        Assert.Null(Manifest.Read(bytes));
        bytes.AsSpan(12, 4).Fill(0xff);
        Assert.Null(Manifest.Read(bytes));
    }

    [Fact]
    public void Every_offset_is_in_the_chunk_that_a_walk_finds()
    {
        var manifest = Example(5, 20);
        var (index, end) = (0, (long)manifest.Chunks[0].Length);
        for (var offset = 0L; offset < manifest.Length; offset++)
        {
            if (offset == end) end += manifest.Chunks[++index].Length;
            Assert.Equal(index, manifest.IndexAt(offset));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => manifest.IndexAt(manifest.Length));
    }

    [Fact]
    public void A_hash_is_read_back_from_its_text_and_from_nothing_else()
    {
        var hash = ObjectHash.Of([1, 2, 3]);
        Assert.Equal("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81", hash.ToString());
        Assert.True(ObjectHash.TryParse(hash.ToString(), out var read) && read == hash);
        Assert.False(ObjectHash.TryParse(hash.ToString().ToUpperInvariant(), out _));
        Assert.False(ObjectHash.TryParse(hash.ToString().AsSpan(1), out _));
    }
}
