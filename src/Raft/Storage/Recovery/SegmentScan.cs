using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Storage.Recovery;

/// <summary>What stands in one segment. Pure: bytes in, records and bad stretches out.</summary>
internal sealed class SegmentScan
{
    private SegmentScan(int number) => Number = number;

    internal int Number { get; }

    /// <summary>The segment before and its length, from the header; null when the header is bad.</summary>
    internal (int Previous, long Length)? Header { get; private set; }

    internal List<FoundRecord> Records { get; } = [];

    internal List<BadStretch> Bad { get; } = [];

    internal static SegmentScan Read(ReadOnlySpan<byte> bytes, int number)
    {
        var scan = new SegmentScan(number) { Header = Segment.ReadHeader(bytes, number) };
        var offset = Segment.HeaderSize;
        while (offset < bytes.Length)
        {
            var at = new LogPosition(number, offset);
            if (RecordHeader.Read(bytes[offset..], at) is { } header)
            {
                scan.Records.Add(Take(bytes[offset..], at, header));
                offset = (int)Math.Min(bytes.Length, (long)offset + header.TotalSize);
                continue;
            }

            // The length of what was here is not known: the next record is where the next header is.
            offset = FindHeader(bytes, number, offset + RecordHeader.Alignment);
            scan.Bad.Add(new BadStretch(at, at with { Offset = offset }));
        }

        return scan;
    }

    private static FoundRecord Take(ReadOnlySpan<byte> bytes, LogPosition at, in RecordHeader header)
    {
        if (bytes.Length < header.TotalSize) return new FoundRecord(header, at, false, null);
        var payload = bytes.Slice(RecordHeader.Size, header.Length);
        var isWhole = RecordHeader.CrcOf(payload, at) == header.PayloadCrc;
        var isKept = isWhole && header.Type is RecordType.Base or RecordType.Mark;
        return new FoundRecord(header, at, isWhole, isKept ? payload.ToArray() : null);
    }

    private static int FindHeader(ReadOnlySpan<byte> bytes, int number, int offset)
    {
        while (offset + RecordHeader.Size <= bytes.Length)
        {
            if (RecordHeader.Read(bytes[offset..], new LogPosition(number, offset)) is not null) return offset;
            offset += RecordHeader.Alignment;
        }

        return bytes.Length;
    }
}
