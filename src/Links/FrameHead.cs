using System.Buffers.Binary;

namespace Notebook.Links;

/// <summary>What a frame is.</summary>
internal enum FrameKind : uint
{
    /// <summary>A message.</summary>
    Whole = 0,

    /// <summary>A message whose large parts follow (<see cref="DepartingMessage"/>).</summary>
    Beginning = 1,

    /// <summary>The next bytes of such a message's parts; alone in its WebSocket message.</summary>
    Part = 2,
}

/// <summary>What stands before each frame: 32 bits, little-endian, of which the upper two are its kind and the rest its length.</summary>
internal static class FrameHead
{
    public const int Length = sizeof(uint);
    private const int KindShift = 30;

    public static void Write(Span<byte> to, FrameKind kind, int size) =>
        BinaryPrimitives.WriteUInt32LittleEndian(to, ((uint)kind << KindShift) | (uint)size);

    public static (FrameKind Kind, int Size) Read(ReadOnlySpan<byte> from)
    {
        var head = BinaryPrimitives.ReadUInt32LittleEndian(from);
        return ((FrameKind)(head >> KindShift), (int)(head & ((1u << KindShift) - 1)));
    }
}
