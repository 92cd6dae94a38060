using System.Buffers.Binary;
using Notebook.JupyterWire;

namespace Notebook.Agent.Processes;

/// <summary>
/// A message that our kernel package sent as one frame, so that it is sent whole or not at all (<c>outputs.py</c>): how
/// many parts it has, the length of each in bytes (64-bit little-endian numbers), and the parts one after another.
/// </summary>
internal static class PackedFrames
{
    /// <summary>The parts, as views of the frame.</summary>
    /// <exception cref="JupyterFormatException">The numbers do not fit the frame.</exception>
    public static ReadOnlyMemory<byte>[] Open(ReadOnlyMemory<byte> frame)
    {
        var count = Number(frame, 0);
        if (count > (ulong)(frame.Length / sizeof(ulong) - 1))
            throw new JupyterFormatException($"a frame of {frame.Length} bytes says that it has {count} parts");
        var parts = new ReadOnlyMemory<byte>[count];
        var start = sizeof(ulong) * (parts.Length + 1);
        for (var i = 0; i < parts.Length; i++)
        {
            var length = Number(frame, i + 1);
            if (length > (ulong)(frame.Length - start))
                throw new JupyterFormatException($"part {i + 1} has {length} bytes, {frame.Length - start} are left in its frame");
            parts[i] = frame.Slice(start, (int)length);
            start += (int)length;
        }

        return start == frame.Length
            ? parts
            : throw new JupyterFormatException($"{frame.Length - start} bytes are left after the {count} parts of a frame");
    }

    private static ulong Number(ReadOnlyMemory<byte> frame, int at) => frame.Length < sizeof(ulong) * (at + 1)
        ? throw new JupyterFormatException($"a frame of {frame.Length} bytes holds no parts")
        : BinaryPrimitives.ReadUInt64LittleEndian(frame.Span[(sizeof(ulong) * at)..]);
}
