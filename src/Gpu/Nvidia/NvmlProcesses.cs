using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Notebook.Gpu.Nvidia;

/// <summary>
/// Reads a table of processes. Drivers of the branches 535 and 550 have entries of 32 bytes behind the very name
/// whose entries have 24 in all others, and do not say so. So the buffer is filled with a pattern first, and what the driver
/// wrote over tells the size. No IO.
/// </summary>
internal static class NvmlProcesses
{
    /// <summary>An entry's size: pid, memory, and the two MIG instances.</summary>
    public const int EntrySize = 24;

    /// <summary>The same with the memory of confidential computing.</summary>
    public const int LargestEntrySize = 32;

    /// <summary>What the buffer is filled with. As an id it would be above all that a process can have.</summary>
    public const byte Untouched = 0xA5;

    private const ulong NotAvailable = ulong.MaxValue;

    /// <summary>The processes in a buffer.</summary>
    /// <param name="buffer">With room for <paramref name="capacity"/> entries of the largest size.</param>
    /// <param name="capacity">How many the driver was told that there is room for.</param>
    /// <param name="count">How many it said there are, at most <paramref name="capacity"/>.</param>
    public static ImmutableArray<GpuProcess> Parse(ReadOnlySpan<byte> buffer, int capacity, int count)
    {
        var size = SizeOfEntry(buffer, capacity, count);
        var processes = ImmutableArray.CreateBuilder<GpuProcess>(count);
        for (var n = 0; n < count; n++)
        {
            var entry = buffer.Slice(n * size, EntrySize);
            var memory = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            processes.Add(new(BinaryPrimitives.ReadInt32LittleEndian(entry), memory == NotAvailable ? null : (long)Math.Min(memory, long.MaxValue)));
        }

        return processes.MoveToImmutable();
    }

    // A driver may clear the whole table first: then it wrote up to the table's end, and that has either size times the room.
    private static int SizeOfEntry(ReadOnlySpan<byte> buffer, int capacity, int count)
    {
        var written = buffer.LastIndexOfAnyExcept(Untouched) + 1;
        if (written <= count * EntrySize) return EntrySize;
        if (written <= count * LargestEntrySize) return LargestEntrySize;
        return written > capacity * EntrySize ? LargestEntrySize : EntrySize;
    }
}
