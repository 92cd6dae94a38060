using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Notebook.Objects;

/// <summary>
/// What a value is made of: its chunks in order. The manifest is itself kept and shipped as a chunk, and its hash is the
/// value's identity: two values have the same manifest if and only if they have the same bytes, cut alike.
/// <para>Wire form, little endian: <c>NBM1</c>, length (8 bytes), number of chunks (4), then a reference for each.</para>
/// </summary>
public sealed class Manifest
{
    /// <summary>The most chunks of a value, so that its manifest still is a chunk: with chunks of 128 KiB, 28 GiB.</summary>
    public const int MaxChunks = (ChunkRef.MaxLength - HeaderSize) / ChunkRef.Size;

    private const int HeaderSize = 16;
    private const uint Magic = 0x314d424e;

    // _starts[i] is where chunk i begins in the value.
    private readonly long[] _starts;

    private Manifest(ImmutableArray<ChunkRef> chunks)
    {
        Chunks = chunks;
        _starts = new long[chunks.Length];
        for (var i = 0; i < chunks.Length; Length += chunks[i++].Length) _starts[i] = Length;
        Chunk = VerifiedChunk.Of(Write());
    }

    /// <summary>The value's length in bytes.</summary>
    public long Length { get; }

    /// <summary>The value's chunks in order; the same one may come more than once.</summary>
    public ImmutableArray<ChunkRef> Chunks { get; }

    /// <summary>The manifest's own name: the value's identity, and what a log entry holds to refer to it.</summary>
    public ChunkRef Id => Chunk.Ref;

    /// <summary>The manifest as a chunk.</summary>
    public VerifiedChunk Chunk { get; }

    /// <summary>The manifest of these chunks.</summary>
    /// <exception cref="ArgumentException">There are more than <see cref="MaxChunks"/>.</exception>
    public static Manifest Of(ImmutableArray<ChunkRef> chunks)
    {
        if (chunks.Length > MaxChunks)
            throw new ArgumentException($"{chunks.Length} chunks are more than a manifest's {MaxChunks}", nameof(chunks));
        return new(chunks);
    }

    /// <summary>Reads a manifest's wire form; null when it is not one, to the byte.</summary>
    public static Manifest? Read(ReadOnlySpan<byte> from)
    {
        if (from.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic) return null;
        var (length, count) = (BinaryPrimitives.ReadInt64LittleEndian(from[4..]), BinaryPrimitives.ReadInt32LittleEndian(from[12..]));
        if (count is < 0 or > MaxChunks || from.Length != HeaderSize + count * ChunkRef.Size) return null;

        var chunks = ImmutableArray.CreateBuilder<ChunkRef>(count);
        for (var i = 0; i < count; i++)
        {
            if (!ChunkRef.TryRead(from[(HeaderSize + i * ChunkRef.Size)..], out var chunk)) return null;
            chunks.Add(chunk);
        }
        var manifest = new Manifest(chunks.MoveToImmutable());
        return manifest.Length == length ? manifest : null;
    }

    /// <summary>Where a chunk begins in the value.</summary>
    public long StartOf(int index) => _starts[index];

    /// <summary>Which chunk holds the byte at this offset, from 0 up to, not including, <see cref="Length"/>.</summary>
    public int IndexAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Length);
        var found = Array.BinarySearch(_starts, offset);
        return found >= 0 ? found : ~found - 1;
    }

    private byte[] Write()
    {
        var bytes = new byte[HeaderSize + Chunks.Length * ChunkRef.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Chunks.Length);
        for (var i = 0; i < Chunks.Length; i++) Chunks[i].Write(bytes.AsSpan(HeaderSize + i * ChunkRef.Size));
        return bytes;
    }
}
