using System.Buffers.Binary;
using System.Numerics;

namespace Notebook.Raft.Storage.Records;

/// <summary>CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4). The processor computes it where it can, else .NET does by tables.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of bytes; <paramref name="seed"/> is an earlier result to go on from, or a number to bind it to.</summary>
    internal static uint Of(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        var crc = ~seed;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var one in bytes) crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
