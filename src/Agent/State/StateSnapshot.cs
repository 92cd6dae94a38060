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
/// <param name="LastCell">The cell that the last change is of; null where that was not noted.</param>
internal sealed record StateSnapshot(
    long Epoch, int Leader, long Sequence, ImmutableArray<ChunkRef> Blobs, ReadOnlyMemory<byte> Inline, EndedCell? LastCell = null)
{
    private const byte Version = 1;
    private const byte VersionWithCell = 2;   // the last cell's end comes before the inline bytes
    private const int FixedSize = 1 + sizeof(long) + sizeof(int) + sizeof(long) + sizeof(int);

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        var bytes = new byte[FixedSize + (Blobs.Length * ChunkRef.Size) + (LastCell?.Size ?? 0) + Inline.Length];
        bytes[0] = LastCell is null ? Version : VersionWithCell;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), Leader);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(13), Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(21), Blobs.Length);
        for (var i = 0; i < Blobs.Length; i++) Blobs[i].Write(bytes.AsSpan(FixedSize + (i * ChunkRef.Size)));
        var at = FixedSize + (Blobs.Length * ChunkRef.Size);
        LastCell?.Write(bytes.AsSpan(at));
        Inline.CopyTo(bytes.AsMemory(at + (LastCell?.Size ?? 0)));
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
        return BlobsOf(ReadAll(read, FixedSize + (count * ChunkRef.Size)));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no snapshot that this release knows.</exception>
    public static StateSnapshot Read(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        var blobs = BlobsOf(span);
        var at = FixedSize + (blobs.Length * ChunkRef.Size);
        var cell = span[0] == VersionWithCell ? EndedCell.Read(span[at..]) : null;
        return new(
            BinaryPrimitives.ReadInt64LittleEndian(span[1..]),
            BinaryPrimitives.ReadInt32LittleEndian(span[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[13..]),
            blobs,
            bytes[(at + (cell?.Size ?? 0))..],
            cell);
    }

    private static ImmutableArray<ChunkRef> BlobsOf(ReadOnlySpan<byte> span)
    {
        if (span.Length < FixedSize || span[0] is not (Version or VersionWithCell))
            throw new InvalidDataException($"a snapshot of version {(span.Length > 0 ? span[0] : 0)}; this release reads versions {Version} and {VersionWithCell}");
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

        return blobs.MoveToImmutable();
    }

    private static byte[] ReadAll(Func<long, int, ReadOnlyMemory<byte>> read, int bytes)
    {
        var all = new MemoryStream();
        for (var piece = read(0, bytes); !piece.IsEmpty; piece = read(all.Length, bytes - (int)all.Length)) all.Write(piece.Span);
        return all.ToArray();
    }
}
