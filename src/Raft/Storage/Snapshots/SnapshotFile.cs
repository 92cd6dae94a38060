using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Notebook.Raft.Storage.Disks;
using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Storage.Snapshots;

/// <summary>
/// One snapshot's data: blocks of fixed size, each behind a checksum that is bound to the file and the block's number.
/// Pieces are taken at once and can be read at once; the writer's thread brings them to the file. The caller locks.
/// </summary>
internal sealed class SnapshotFile(IDisk disk, long number, SnapshotInfo info)
{
    /// <summary>Bytes of data in a block.</summary>
    internal const int BlockBytes = 64 << 10;

    private const int CrcBytes = 4;
    private const string Prefix = "snapshot-";

    private readonly List<SnapshotPiece> _unwritten = [];
    private long _written;
    private bool _isSynced;

    internal long Number => number;

    internal SnapshotInfo Info => info;

    internal string Name => NameOf(number);

    /// <summary>Bytes that have been taken.</summary>
    internal long Taken { get; private set; }

    internal static string NameOf(long number) => Prefix + number.ToString("D10", CultureInfo.InvariantCulture);

    internal static long? NumberOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A snapshot that recovery found; null when its file is not there or not of the right length.</summary>
    internal static SnapshotFile? Find(IDisk disk, long number, SnapshotInfo info)
    {
        try
        {
            using var file = disk.Open(NameOf(number));
            var blocks = (info.Length + BlockBytes - 1) / BlockBytes;
            if (file.Length != info.Length + (blocks * CrcBytes)) return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        return new SnapshotFile(disk, number, info) { Taken = info.Length, _written = info.Length, _isSynced = true };
    }

    internal void Take(SnapshotPiece piece)
    {
        if (piece.Offset != Taken || piece.Info.Last != info.Last || piece.Info.Length != info.Length)
            throw new ArgumentException($"a piece at {piece.Offset} of snapshot {piece.Info.Last} cannot follow {Taken} bytes of {info.Last}");
        Taken += piece.Data.Length;
        if (Taken > info.Length || (piece.IsLast && Taken != info.Length))
            throw new ArgumentException($"a snapshot of {info.Length} bytes has pieces of {Taken}");
        if (!piece.Data.IsEmpty) _unwritten.Add(piece);
    }

    /// <summary>
    /// Writes what makes up whole blocks, or everything when all has been taken; then also syncs, and answers true. May be
    /// repeated after a full disk.
    /// </summary>
    internal bool Write()
    {
        if (_isSynced) return false;
        using var file = _written == 0 ? CreateAnew() : disk.Open(Name);
        var block = ArrayPool<byte>.Shared.Rent(CrcBytes + BlockBytes);
        try
        {
            while (NextBlock() is > 0 and var length)
            {
                Gather(_written, block.AsSpan(CrcBytes, length));
                BinaryPrimitives.WriteUInt32LittleEndian(block, Crc(_written / BlockBytes, block.AsSpan(CrcBytes, length)));
                file.Write(PlaceOf(_written / BlockBytes), block.AsSpan(0, CrcBytes + length));
                _written += length;
                _unwritten.RemoveAll(p => p.Offset + p.Data.Length <= _written);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        if (_written < info.Length) return false;
        file.Sync();
        return _isSynced = true;
    }

    /// <summary>Data from a position, at most so much; fewer at a block's end.</summary>
    internal ReadOnlyMemory<byte> Read(GroupId group, long offset, int maxBytes)
    {
        if (offset >= Taken || maxBytes <= 0) return default;
        if (offset >= _written)
        {
            var piece = _unwritten.First(p => p.Offset <= offset && offset < p.Offset + p.Data.Length);
            var rest = piece.Data[(int)(offset - piece.Offset)..];
            return rest[..Math.Min(maxBytes, rest.Length)];
        }

        var (number, skip) = (offset / BlockBytes, (int)(offset % BlockBytes));
        var block = ReadBlock(group, number);
        return block.AsMemory(skip, Math.Min(maxBytes, block.Length - skip));
    }

    internal void Delete() => disk.Delete(Name);

    private IDiskFile CreateAnew()
    {
        disk.Delete(Name);
        return disk.Create(Name);
    }

    private int NextBlock()
    {
        var ready = Taken - _written;
        if (ready >= BlockBytes) return BlockBytes;
        return Taken == info.Length ? (int)ready : 0;
    }

    private void Gather(long from, Span<byte> target)
    {
        foreach (var piece in _unwritten)
        {
            if (target.IsEmpty) return;
            if (piece.Offset + piece.Data.Length <= from) continue;
            var part = piece.Data.Span[(int)(from - piece.Offset)..];
            part = part[..Math.Min(part.Length, target.Length)];
            part.CopyTo(target);
            target = target[part.Length..];
            from += part.Length;
        }
    }

    private byte[] ReadBlock(GroupId group, long block)
    {
        var length = (int)Math.Min(BlockBytes, info.Length - (block * BlockBytes));
        var bytes = new byte[CrcBytes + length];
        try
        {
            using var file = disk.Open(Name);
            if (file.Read(PlaceOf(block), bytes) == bytes.Length
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Crc(block, bytes.AsSpan(CrcBytes))) return bytes[CrcBytes..];
        }
        catch (IOException failure)
        {
            throw new LogCorruptedException(group, 0, $"block {block} of {Name} cannot be read: {failure.Message}");
        }

        throw new LogCorruptedException(group, 0, $"checksum mismatch in block {block} of {Name}");
    }

    private static long PlaceOf(long block) => block * (CrcBytes + BlockBytes);

    private uint Crc(long block, ReadOnlySpan<byte> data) => Crc32C.Of(data, (uint)((number * 31) + block));
}
