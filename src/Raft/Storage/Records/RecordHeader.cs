using System.Buffers.Binary;

namespace Notebook.Raft.Storage.Records;

/// <summary>What a record says.</summary>
internal enum RecordType : byte
{
    /// <summary>One entry; whatever its group's log held from its index on is replaced. Index, Term, Extra = the term before it.</summary>
    Entry = 1,

    /// <summary>Term = term, Index = commit, Extra = vote.</summary>
    HardState = 2,

    /// <summary>Where a group's log begins, and its snapshot (<see cref="BaseRecord"/>). Index and Term = the entry before the first.</summary>
    Base = 3,

    /// <summary>The group is gone; nothing older of it counts.</summary>
    Removed = 4,

    /// <summary>Of no group: everything from position Index to position Term is durable (<see cref="MarkRecord"/>).</summary>
    Mark = 5,
}

/// <summary>
/// The fixed part of a record. It has a checksum of its own, so that a record whose payload is damaged still says what
/// it was; and both checksums are bound to the record's place, so that bytes that strayed are never taken for a record.
/// </summary>
/// <param name="Type">What the record says.</param>
/// <param name="Kind">An entry's kind.</param>
/// <param name="Group">Whose it is.</param>
/// <param name="Sequence">Counts a group's records as they were written: a number that is missing is a record that was lost.</param>
/// <param name="Order">Where the record stands in its group's history. A copy made to free space keeps it.</param>
/// <param name="Index">By type.</param>
/// <param name="Term">By type.</param>
/// <param name="Extra">By type.</param>
/// <param name="Length">Bytes of payload.</param>
/// <param name="PayloadCrc">The payload's checksum.</param>
internal readonly record struct RecordHeader(
    RecordType Type, EntryKind Kind, GroupId Group, long Sequence, long Order, long Index, long Term, long Extra, int Length, uint PayloadCrc)
{
    /// <summary>Bytes of a header.</summary>
    internal const int Size = 72;

    /// <summary>Records begin at multiples of this, which is what a search for the next one after damage goes by.</summary>
    internal const int Alignment = 8;

    /// <summary>Bytes of the whole record on disk.</summary>
    internal int TotalSize => SizeFor(Length);

    internal static int SizeFor(int length) => (Size + length + Alignment - 1) / Alignment * Alignment;

    internal void Write(Span<byte> target, LogPosition at)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], PayloadCrc);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt16LittleEndian(target[12..], 0);
        target[14] = (byte)Type;
        target[15] = (byte)Kind;
        Group.Value.TryWriteBytes(target[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], Order);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], Index);
        BinaryPrimitives.WriteInt64LittleEndian(target[56..], Term);
        BinaryPrimitives.WriteInt64LittleEndian(target[64..], Extra);
        BinaryPrimitives.WriteUInt32LittleEndian(target, Crc32C.Of(target[4..Size], Seed(at)));
    }

    /// <summary>Reads a header; null when these bytes are none that was written at that place.</summary>
    internal static RecordHeader? Read(ReadOnlySpan<byte> bytes, LogPosition at)
    {
        if (bytes.Length < Size) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C.Of(bytes[4..Size], Seed(at))) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (length < 0 || length > int.MaxValue - Size - Alignment) return null;
        return new RecordHeader(
            (RecordType)bytes[14],
            (EntryKind)bytes[15],
            new GroupId(new Guid(bytes[16..32])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]),
            length,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
    }

    internal static uint CrcOf(ReadOnlySpan<byte> payload, LogPosition at) => Crc32C.Of(payload, Seed(at));

    private static uint Seed(LogPosition at) => (uint)HashPosition(at.Value);

    // Spreads a position over 32 bits; any fixed mixing does.
    private static ulong HashPosition(long value) => ((ulong)value * 0x9E3779B97F4A7C15) >> 32;
}
