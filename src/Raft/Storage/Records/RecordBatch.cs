using System.Buffers;

namespace Notebook.Raft.Storage.Records;

/// <summary>The bytes of many records, one after another, as they will stand from a certain position on.</summary>
internal sealed class RecordBatch : IDisposable
{
    private byte[] _buffer = [];
    private LogPosition _start;

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    /// <summary>Begins anew.</summary>
    internal void Begin(LogPosition start, int size)
    {
        (_start, Length) = (start, 0);
        if (_buffer.Length >= size) return;
        Dispose();
        _buffer = ArrayPool<byte>.Shared.Rent(size);
    }

    internal LogPosition Add(GroupId group, in PendingRecord record, long sequence)
    {
        var at = new LogPosition(_start.Segment, _start.Offset + Length);
        var target = _buffer.AsSpan(Length, record.TotalSize);
        target[RecordHeader.Size..].Clear();
        var payload = record.Payload.Span;
        payload.CopyTo(target[RecordHeader.Size..]);
        new RecordHeader(
            record.Type,
            record.Kind,
            group,
            sequence,
            record.Order == 0 ? sequence : record.Order,
            record.Index,
            record.Term,
            record.Extra,
            payload.Length,
            RecordHeader.CrcOf(payload, at)).Write(target, at);
        Length += target.Length;
        return at;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
