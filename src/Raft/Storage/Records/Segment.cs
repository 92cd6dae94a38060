using System.Buffers.Binary;
using System.Globalization;
using Notebook.Raft.Storage.Disks;

namespace Notebook.Raft.Storage.Records;

/// <summary>One file of the log. Only the newest is written; the others were durable to their ends before it was begun.</summary>
internal sealed class Segment(int number, IDiskFile file, long length) : IDisposable
{
    /// <summary>Bytes before the first record.</summary>
    internal const int HeaderSize = 32;

    private const ulong Magic = 0x3130_4753_5446_4152;
    private const string Prefix = "log-";

    internal int Number => number;

    internal IDiskFile File => file;

    /// <summary>Bytes up to the end of the last record.</summary>
    internal long Length { get; set; } = length;

    /// <summary>Bytes of the records that are still needed, as far as what made the others needless is durable.</summary>
    internal long LiveBytes { get; set; }

    /// <summary>Whether a record that is needed cannot be read: the segment stays, so that the damage is not forgotten.</summary>
    internal bool IsDamaged { get; set; }

    internal static string NameOf(int number) => Prefix + number.ToString("D10", CultureInfo.InvariantCulture);

    internal static int? NumberOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && NameOf(number) == name ? number : null;

    /// <summary>A header: it also says how long the segment before is, which is durable by now.</summary>
    internal static byte[] Header(int number, int previous, long previousLength)
    {
        var bytes = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), previous);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), previousLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), Crc32C.Of(bytes.AsSpan(0, 24)));
        return bytes;
    }

    /// <summary>Reads a header: number and length of the segment before; null when it is not one of this segment.</summary>
    internal static (int Previous, long Length)? ReadHeader(ReadOnlySpan<byte> bytes, int number)
    {
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]) != Crc32C.Of(bytes[..24])) return null;
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != number) return null;
        return (BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
    }

    public void Dispose() => file.Dispose();
}
