using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Notebook.Links.Protocol;

namespace Notebook.Agent.State;

/// <summary>
/// Which cell a change in the log is of, and how that cell ended. It is in the log together with the change, so that
/// whoever leads after its executor was lost knows that the cell counts, and can give its reply.
/// </summary>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="MessageId">Its <c>execute_request</c>.</param>
/// <param name="LargeBytes">Of the large values that the change names.</param>
/// <param name="Reply">The content of its <c>execute_reply</c>, as JSON; empty when that is not known.</param>
/// <param name="CellDefault">What the notebook has set that its cells ask for, after this one; null when the process did not say.</param>
internal sealed record EndedCell(long Execution, string MessageId, long LargeBytes, ReadOnlyMemory<byte> Reply, CellDefault? CellDefault = null)
{
    /// <summary>The longest reply that goes into the log; the kernel process shortens one that is longer.</summary>
    public const int MaxReplyBytes = 64 << 10;

    private const int MaxMessageIdBytes = 1 << 10;
    private const int MaxDefaultBytes = 1 << 10;
    private const int FixedSize = (2 * sizeof(long)) + (3 * sizeof(int));

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public int Size => FixedSize + Encoding.UTF8.GetByteCount(MessageId) + Reply.Length + (CellDefault?.CalculateSize() ?? 0);

    /// <summary>Writes it to the start of a span.</summary>
    public void Write(Span<byte> into)
    {
        BinaryPrimitives.WriteInt64LittleEndian(into, Execution);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], LargeBytes);
        var idBytes = Encoding.UTF8.GetBytes(MessageId, into[FixedSize..]);
        BinaryPrimitives.WriteInt32LittleEndian(into[16..], idBytes);
        BinaryPrimitives.WriteInt32LittleEndian(into[20..], Reply.Length);
        Reply.Span.CopyTo(into[(FixedSize + idBytes)..]);
        var defaultBytes = CellDefault?.CalculateSize() ?? -1;   // one that sets nothing has no bytes
        BinaryPrimitives.WriteInt32LittleEndian(into[24..], defaultBytes);
        CellDefault?.WriteTo(into.Slice(FixedSize + idBytes + Reply.Length, defaultBytes));
    }

    /// <summary>Reads one from the start of a span, with memory of its own.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static EndedCell Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedSize) throw new InvalidDataException($"a cell's end in {bytes.Length} bytes");
        var idBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]);
        var replyBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]);
        var defaultBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        if (idBytes is < 0 or > MaxMessageIdBytes || replyBytes is < 0 or > MaxReplyBytes || defaultBytes is < -1 or > MaxDefaultBytes
            || bytes.Length < FixedSize + idBytes + replyBytes + Math.Max(0, defaultBytes))
            throw new InvalidDataException($"a cell's end with {idBytes}, {replyBytes} and {defaultBytes} bytes of {bytes.Length}");
        return new(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            Encoding.UTF8.GetString(bytes.Slice(FixedSize, idBytes)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            bytes.Slice(FixedSize + idBytes, replyBytes).ToArray(),
            defaultBytes < 0 ? null : CellDefault.Parser.ParseFrom(bytes.Slice(FixedSize + idBytes + replyBytes, defaultBytes)));
    }
}
