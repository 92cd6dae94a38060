using System.Buffers.Binary;

namespace Notebook.Objects;

/// <summary>Names one chunk.</summary>
/// <param name="Hash">The hash of its bytes.</param>
/// <param name="Length">How many bytes it has, from 1 to <see cref="MaxLength"/>.</param>
public readonly record struct ChunkRef(ObjectHash Hash, int Length)
{
    /// <summary>The longest chunk there can be. A manifest is a chunk too, and the only one that comes near it.</summary>
    public const int MaxLength = 8 << 20;

    /// <summary>Bytes of a reference in its wire form.</summary>
    public const int Size = ObjectHash.Size + sizeof(int);

    /// <summary>Names these bytes.</summary>
    public static ChunkRef Of(ReadOnlySpan<byte> bytes) => new(ObjectHash.Of(bytes), bytes.Length);

    /// <summary>Writes the reference into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> to)
    {
        Hash.Write(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[ObjectHash.Size..], Length);
    }

    /// <summary>Reads a reference from exactly <see cref="Size"/> bytes or more; refuses an impossible length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out ChunkRef chunk)
    {
        chunk = default;
        if (from.Length < Size) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(from[ObjectHash.Size..]);
        if (length is < 1 or > MaxLength) return false;
        chunk = new(ObjectHash.Read(from), length);
        return true;
    }
}
