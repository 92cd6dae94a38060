using System.Buffers.Binary;
using System.Collections.Immutable;
using Notebook.Objects;

namespace Notebook.Agent.State;

/// <summary>All that the entries up to one have come to: what <see cref="StateRules"/> knows, and the kernel's state in one piece.</summary>
/// <param name="Epoch">The epoch in force.</param>
/// <param name="Leader">The replica that leads.</param>
/// <param name="Sequence">The last change that is in it.</param>
/// <param name="Blobs">Large memory that it names.</param>
/// <param name="Inline">The state as the kernel process wrote it.</param>
internal sealed record StateSnapshot(long Epoch, int Leader, long Sequence, ImmutableArray<ChunkRef> Blobs, ReadOnlyMemory<byte> Inline)
{
    private const byte Version = 1;
    private const int FixedSize = 1 + sizeof(long) + sizeof(int) + sizeof(long) + sizeof(int);

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        var bytes = new byte[FixedSize + (Blobs.Length * ChunkRef.Size) + Inline.Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), Leader);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(13), Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(21), Blobs.Length);
        for (var i = 0; i < Blobs.Length; i++) Blobs[i].Write(bytes.AsSpan(FixedSize + (i * ChunkRef.Size)));
        Inline.CopyTo(bytes.AsMemory(FixedSize + (Blobs.Length * ChunkRef.Size)));
        return bytes;
    }

    /// <summary>Reads the names of the large memory alone.</summary>
    /// <param name="read">Reads at most so many bytes from an offset; none at the end.</param>
    /// <exception cref="InvalidDataException">It is no snapshot that this release knows.</exception>
    public static ImmutableArray<ChunkRef> ReadBlobs(Func<long, int, ReadOnlyMemory<byte>> read)
    {
        var head = ReadAll(read, FixedSize);
        var count = head.Length == FixedSize ? BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(21)) : -1;
        if (count is < 0 or > int.MaxValue / ChunkRef.Size - FixedSize) throw new InvalidDataException($"a snapshot that names {count} blobs");
        return Read(ReadAll(read, FixedSize + (count * ChunkRef.Size))).Blobs;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no snapshot that this release knows.</exception>
    public static StateSnapshot Read(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < FixedSize || span[0] != Version)
            throw new InvalidDataException($"a snapshot of version {(span.Length > 0 ? span[0] : 0)}; this release writes and reads version {Version}");
        var count = BinaryPrimitives.ReadInt32LittleEndian(span[21..]);
        if (count < 0 || count > (span.Length - FixedSize) / ChunkRef.Size)
            throw new InvalidDataException($"a snapshot that names {count} blobs in {span.Length} bytes");
        var blobs = ImmutableArray.CreateBuilder<ChunkRef>(count);
        for (var i = 0; i < count; i++)
        {
            if (!ChunkRef.TryRead(span[(FixedSize + (i * ChunkRef.Size))..], out var blob))
                throw new InvalidDataException($"blob {i} of a snapshot has an impossible length");
            blobs.Add(blob);
        }

        return new(
            BinaryPrimitives.ReadInt64LittleEndian(span[1..]),
            BinaryPrimitives.ReadInt32LittleEndian(span[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[13..]),
            blobs.MoveToImmutable(),
            bytes[(FixedSize + (count * ChunkRef.Size))..]);
    }

    private static byte[] ReadAll(Func<long, int, ReadOnlyMemory<byte>> read, int bytes)
    {
        var all = new MemoryStream();
        for (var piece = read(0, bytes); !piece.IsEmpty; piece = read(all.Length, bytes - (int)all.Length)) all.Write(piece.Span);
        return all.ToArray();
    }
}
