namespace Notebook.Objects.Tests;

/// <summary>Values and stores that tests have in common.</summary>
internal static class Values
{
    internal static readonly ObjectStoreOptions Roomy = new() { MinFreeDiskBytes = 0 };

    internal static byte[] Of(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static byte[] Changed(this byte[] value, int offset, int length, int seed)
    {
        byte[] changed = [.. value];
        new Random(seed).NextBytes(changed.AsSpan(offset, length));
        return changed;
    }

    internal static async Task<PutOutcome.Stored> PutOkAsync(
        this ObjectStore store, ReadOnlyMemory<byte> value, PinScope pins, ChunkingMethod method = ChunkingMethod.FixedOffset) =>
        Assert.IsType<PutOutcome.Stored>(await store.PutAsync(value, method, pins, default));

    /// <summary>The value, or null when chunks are missing.</summary>
    internal static async Task<byte[]?> GetAsync(this ObjectStore store, Manifest manifest)
    {
        var bytes = new byte[manifest.Length];
        return await store.ReadAsync(manifest, 0, bytes, default) is ReadOutcome.Done ? bytes : null;
    }

    internal static Task<CollectOutcome> CollectAsync(this ObjectStore store, params ChunkRef[] live) =>
        store.CollectAsync(_ => new(live.ToHashSet()), default);

    /// <summary>Element by element, which an immutable array does not do by itself.</summary>
    internal static void AreEqual(IEnumerable<ChunkRef> expected, IEnumerable<ChunkRef> actual) =>
        Assert.Equal(expected.ToArray(), actual.ToArray());

    /// <summary>Much quicker than an assertion on every byte.</summary>
    internal static bool AreSame(byte[] expected, byte[]? read) => read is not null && expected.AsSpan().SequenceEqual(read);

    internal static string FileOf(ChunkRef chunk) => $"chunks/{chunk.Hash.ToString()[..2]}/{chunk.Hash}";
}
