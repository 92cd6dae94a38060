using System.Collections.Concurrent;

namespace Notebook.Objects;

public sealed partial class ObjectStore
{
    /// <summary>Reads one chunk, from memory where it is there. Null when it is not here or was found damaged.</summary>
    public async ValueTask<VerifiedChunk?> ReadChunkAsync(ChunkRef chunk, CancellationToken stop) =>
        _memory.Find(chunk) ?? await _lanes.RunAsync(() => ReadChunk(chunk), stop);

    /// <summary>Reads a value's manifest. Null when it is not here, was found damaged, or that chunk is not a manifest.</summary>
    public async ValueTask<Manifest?> ReadManifestAsync(ChunkRef id, CancellationToken stop) =>
        await ReadChunkAsync(id, stop) is { } chunk ? Manifest.Read(chunk.Bytes.Span) : null;

    /// <summary>
    /// Reads a part of a value straight into the caller's buffer: as many bytes as that has, from <paramref name="offset"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no such part.</exception>
    public async Task<ReadOutcome> ReadAsync(Manifest manifest, long offset, Memory<byte> to, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to.Length, manifest.Length - offset);
        if (to.IsEmpty) return new ReadOutcome.Done();

        var (first, last) = (manifest.IndexAt(offset), manifest.IndexAt(offset + to.Length - 1));
        var missing = new ConcurrentQueue<(int Index, ChunkRef Chunk)>();
        await _lanes.ForAsync(last - first + 1, i =>
        {
            var (chunk, start) = (manifest.Chunks[first + i], manifest.StartOf(first + i) - offset);
            var isWhole = start >= 0 && start + chunk.Length <= to.Length;
            if (!(isWhole ? ReadWhole(chunk, to.Span.Slice((int)start, chunk.Length)) : ReadPart(chunk, start, to.Span)))
                missing.Enqueue((i, chunk));
        }, stop);
        return missing.IsEmpty
            ? new ReadOutcome.Done()
            : new ReadOutcome.Missing([.. missing.OrderBy(found => found.Index).Select(found => found.Chunk).Distinct()]);
    }

    /// <summary>Writes a whole value to a stream, chunk by chunk. Ends at the first chunk that is missing.</summary>
    public async Task<ReadOutcome> CopyToAsync(Manifest manifest, Stream to, CancellationToken stop)
    {
        using var buffer = new PooledBytes(manifest.Chunks.Select(chunk => chunk.Length).DefaultIfEmpty().Max());
        foreach (var chunk in manifest.Chunks)
        {
            var bytes = buffer.Memory[..chunk.Length];
            if (!await _lanes.RunAsync(() => ReadWhole(chunk, bytes.Span), stop)) return new ReadOutcome.Missing([chunk]);
            await to.WriteAsync(bytes, stop);
        }
        return new ReadOutcome.Done();
    }

    // Whole chunks of a value pass memory by: a value is read once, and would push out what peers ask for again and again.
    private bool ReadWhole(ChunkRef chunk, Span<byte> to)
    {
        if (_memory.Find(chunk) is { } found)
        {
            found.Bytes.Span.CopyTo(to);
            return true;
        }
        if (_shelf.Read(chunk, to)) return true;
        Interlocked.Increment(ref _missedReads);
        return false;
    }

    // The chunk begins at start in the buffer, before it or in it, and may end behind it.
    private bool ReadPart(ChunkRef chunk, long start, Span<byte> to)
    {
        if (ReadChunk(chunk) is not { } read) return false;
        var from = read.Bytes.Span[(int)Math.Max(0, -start)..];
        var into = to[(int)Math.Max(0, start)..];
        from[..Math.Min(from.Length, into.Length)].CopyTo(into);
        return true;
    }

    private VerifiedChunk? ReadChunk(ChunkRef chunk)
    {
        if (_memory.Find(chunk) is { } found) return found;
        var read = _shelf.Read(chunk);
        if (read is null) Interlocked.Increment(ref _missedReads);
        else _memory.Add(read);
        return read;
    }
}
