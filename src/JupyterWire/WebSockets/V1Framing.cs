using System.Buffers.Binary;

namespace Notebook.JupyterWire.WebSockets;

/// <summary>
/// The subprotocol <c>v1.kernel.websocket.jupyter.org</c>: always binary. All numbers are 64 bits, little-endian:
/// <code>n | n offsets from the start of the frame | channel | header | parent header | metadata | content | buffers...</code>
/// Part i lies between offset i and offset i+1, so the last offset is the frame's length.
/// </summary>
public static class V1Framing
{
    /// <summary>The subprotocol's name in the WebSocket handshake.</summary>
    public const string Subprotocol = "v1.kernel.websocket.jupyter.org";

    private const int FixedParts = 5;
    private const int WholeBytes = 1 << 20;
    private const int Number = sizeof(ulong);

    /// <summary>Reads a message; its parts point into <paramref name="frame"/>.</summary>
    /// <param name="frame">One whole WebSocket message.</param>
    /// <param name="message">The message, its JSON parts checked to be objects.</param>
    /// <param name="fault">What is wrong, when false is returned.</param>
    public static bool TryRead(ReadOnlyMemory<byte> frame, out SocketMessage message, out string? fault)
    {
        message = default;
        fault = null;
        var span = frame.Span;
        var count = span.Length < Number ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(span);
        if (count < FixedParts + 1 || count > FixedParts + 1 + SocketMessage.MaxBuffers)
            fault = $"a v1 frame of {span.Length} bytes has {count} offsets, not {FixedParts + 1} to {FixedParts + 1 + SocketMessage.MaxBuffers}";
        else if (span.Length < Number * ((int)count + 1))
            fault = $"a v1 frame of {span.Length} bytes is too short for its {count} offsets";
        if (fault is not null) return false;

        var parts = new ReadOnlyMemory<byte>[(int)count - 1];
        var start = Offset(span, 0);
        if (start < (ulong)(Number * ((int)count + 1)))
        {
            fault = "the first offset of a v1 frame points into its offsets";
            return false;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            var end = Offset(span, i + 1);
            if (end < start || end > (ulong)span.Length)
            {
                fault = $"offset {i + 1} of a v1 frame of {span.Length} bytes is {end}, after {start}";
                return false;
            }

            parts[i] = frame[(int)start..(int)end];
            start = end;
        }

        if (start != (ulong)span.Length)
            fault = $"the last offset of a v1 frame of {span.Length} bytes is {start}";
        else if (!SocketChannels.TryParse(parts[0].Span, out var channel))
            fault = "a v1 frame names no channel that there is";
        else
        {
            message = new SocketMessage(
                channel, parts[1], JsonParts.OrEmpty(parts[2]), JsonParts.OrEmpty(parts[3]), JsonParts.OrEmpty(parts[4]), parts[FixedParts..]);
            fault = JsonParts.FaultOf(message);
        }

        return fault is null;
    }

    /// <summary>The frame of a message.</summary>
    public static byte[] Write(in SocketMessage message)
    {
        var count = FixedParts + 1 + message.Buffers.Count;
        var at = Number * (count + 1);
        var name = message.Channel.Name();
        var frame = GC.AllocateUninitializedArray<byte>(checked((int)(at + name.Length + message.Size)));
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)count);
        var index = 0;
        Add(name, frame, ref index, ref at);
        Add(message.Header.Span, frame, ref index, ref at);
        Add(message.ParentHeader.Span, frame, ref index, ref at);
        Add(message.Metadata.Span, frame, ref index, ref at);
        Add(message.Content.Span, frame, ref index, ref at);
        foreach (var buffer in message.Buffers) Add(buffer.Span, frame, ref index, ref at);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(Number * (index + 1)), (ulong)at);
        return frame;
    }

    /// <summary>The frame of a message in pieces that follow each other: a large message's parts are not copied.</summary>
    public static ReadOnlyMemory<byte>[] WritePieces(in SocketMessage message)
    {
        if (message.Size < WholeBytes) return [Write(message)];
        ReadOnlyMemory<byte>[] parts = [message.Header, message.ParentHeader, message.Metadata, message.Content, .. message.Buffers];
        var name = message.Channel.Name();
        var count = parts.Length + 2;
        var at = Number * (count + 1);
        var start = new byte[at + name.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(start, (ulong)count);
        var index = 0;
        Add(name, start, ref index, ref at);
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(Number * ++index), (ulong)at);
            at = checked(at + part.Length);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(Number * (index + 1)), (ulong)at);
        return [start, .. parts.Where(part => !part.IsEmpty)];
    }

    /// <summary>How long a frame says it is, of which this much has come; 0 where that is not known yet, or it says nonsense.</summary>
    public static long LengthOf(ReadOnlySpan<byte> beginning)
    {
        if (beginning.Length < Number) return 0;
        var count = BinaryPrimitives.ReadUInt64LittleEndian(beginning);
        if (count is < FixedParts + 1 or > FixedParts + 1 + SocketMessage.MaxBuffers || beginning.Length < Number * ((int)count + 1)) return 0;
        var length = Offset(beginning, (int)count - 1);
        return length <= long.MaxValue ? (long)length : 0;
    }

    private static void Add(ReadOnlySpan<byte> part, byte[] frame, ref int index, ref int at)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(Number * ++index), (ulong)at);
        part.CopyTo(frame.AsSpan(at));
        at += part.Length;
    }

    private static ulong Offset(ReadOnlySpan<byte> frame, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(frame[(Number * (index + 1))..]);
}
