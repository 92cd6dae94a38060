using System.Buffers;

namespace Notebook.Raft.Storage.Records;

/// <summary>Reads single records back, and lets nothing through whose checksum is wrong.</summary>
internal static class RecordReader
{
    /// <summary>What reading a record gave: its payload, or what is wrong with it.</summary>
    /// <param name="Header">Its header; null when that cannot be read.</param>
    /// <param name="Payload">Its payload; null when that cannot be read.</param>
    /// <param name="Found">What is wrong; null when nothing is.</param>
    internal readonly record struct Result(RecordHeader? Header, byte[]? Payload, string? Found);

    internal static Result Read(SegmentedLog log, LogPosition at, int length)
    {
        var size = RecordHeader.SizeFor(length);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            if (log.Find(at.Segment) is not { } segment) return new(null, null, $"{at} is gone");
            var read = buffer.AsSpan(0, segment.File.Read(at.Offset, buffer.AsSpan(0, size)));
            if (RecordHeader.Read(read, at) is not { } header) return new(null, null, $"no record at {at}");
            if (header.Length != length || read.Length < size) return new(header, null, $"a record of another length at {at}");
            var payload = read.Slice(RecordHeader.Size, length);
            return RecordHeader.CrcOf(payload, at) == header.PayloadCrc
                ? new(header, payload.ToArray(), null)
                : new(header, null, $"checksum mismatch at {at}");
        }
        catch (IOException failure)
        {
            return new(null, null, $"{at} cannot be read: {failure.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
