using System.Buffers.Binary;
using Notebook.JupyterWire;

namespace Notebook.Agent.Processes;

/// <summary>
/// A message that our kernel package sent as one frame, so that it is sent whole or not at all (<c>outputs.py</c>): how
/// many parts it has, the length of each in bytes (64-bit little-endian numbers), and the parts one after another. Where
/// the highest bit of the first number is set, there is memory beside it (<see cref="Memory.MemorySocket"/>): its number
/// follows, and the parts of which the length has that bit lie there, one after another:
/// <code>n | n lengths | parts        n + bit | memory | n lengths, some + bit | other parts</code>
/// </summary>
internal static class PackedFrames
{
    private const ulong Beside = 1UL << 63;

    /// <summary>The parts, as views of the frame and of the memory beside it.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="claim">Gives the memory of a number; throws when there is none.</param>
    /// <exception cref="JupyterFormatException">The numbers do not fit the frame, or the memory.</exception>
    public static ReadOnlyMemory<byte>[] Open(ReadOnlyMemory<byte> frame, Func<ulong, ReadOnlyMemory<byte>> claim)
    {
        var first = Number(frame, 0);
        var count = first & ~Beside;
        var numbers = first == count ? 1 : 2;
        if (count > (ulong)Math.Max(0, frame.Length / sizeof(ulong) - numbers))
            throw new JupyterFormatException($"a frame of {frame.Length} bytes says that it has {count} parts");
        var lengths = new ulong[count];
        for (var i = 0; i < lengths.Length; i++) lengths[i] = Number(frame, i + numbers);

        var inside = frame[(sizeof(ulong) * (lengths.Length + numbers))..];
        var beside = numbers == 1 ? default : claim(Number(frame, 1));
        var parts = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < parts.Length; i++)
        {
            var isBeside = numbers > 1 && lengths[i] >= Beside;
            parts[i] = isBeside ? Take(ref beside, lengths[i] & ~Beside, i, "the memory beside its frame") : Take(ref inside, lengths[i], i, "its frame");
        }

        if (!inside.IsEmpty) throw new JupyterFormatException($"{inside.Length} bytes are left after the {count} parts of a frame");
        return beside.IsEmpty ? parts : throw new JupyterFormatException($"{beside.Length} bytes are left in the memory beside a frame of {count} parts");
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> from, ulong length, int part, string where)
    {
        if (length > (ulong)from.Length) throw new JupyterFormatException($"part {part + 1} has {length} bytes, {from.Length} are left in {where}");
        var taken = from[..(int)length];
        from = from[(int)length..];
        return taken;
    }

    private static ulong Number(ReadOnlyMemory<byte> frame, int at) => frame.Length < sizeof(ulong) * (at + 1)
        ? throw new JupyterFormatException($"a frame of {frame.Length} bytes holds no parts")
        : BinaryPrimitives.ReadUInt64LittleEndian(frame.Span[(sizeof(ulong) * at)..]);
}
