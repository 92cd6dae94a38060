using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Notebook.Objects;

/// <summary>
/// The SHA-256 of some bytes: the name under which every agent knows them. Who has the bytes can check the name, so what
/// comes from a disk or a peer needs no trust.
/// </summary>
/// <param name="A">Bytes 0 to 7, little endian.</param>
/// <param name="B">Bytes 8 to 15.</param>
/// <param name="C">Bytes 16 to 23.</param>
/// <param name="D">Bytes 24 to 31.</param>
public readonly record struct ObjectHash(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Computes the hash of these bytes.</summary>
    public static ObjectHash Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Size];
        SHA256.HashData(bytes, digest);
        return Read(digest);
    }

    /// <summary>Reads a hash from the first <see cref="Size"/> bytes; the caller has checked that there are as many.</summary>
    public static ObjectHash Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(from),
        BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[24..]));

    /// <summary>Writes the hash into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, A);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], B);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], C);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], D);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; anything else is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ObjectHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        hash = default;
        if (text.Length != 2 * Size || text.ContainsAnyExcept(_digits)) return false;
        Convert.FromHexString(text, bytes, out _, out _);
        hash = Read(bytes);
        return true;
    }

    /// <summary>64 hexadecimal digits in lower case.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The hash is already as good as random: any part of it will do.</summary>
    public override int GetHashCode() => A.GetHashCode();
}
