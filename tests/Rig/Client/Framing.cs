using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.JupyterWire;

namespace Notebook.Rig.Client;

/// <summary>
/// The two forms of a Jupyter message in a WebSocket, read and written from the client's side. Written apart from the
/// gateway's own code on purpose: two readings of one specification that agree are worth more than one that agrees with itself.
/// </summary>
public enum Framing
{
    /// <summary>The subprotocol <c>v1.kernel.websocket.jupyter.org</c>: always binary, parts unparsed.</summary>
    V1,

    /// <summary>No subprotocol: JSON text, or binary when there are buffers.</summary>
    Legacy,
}

internal static class V1Framing
{
    /// <summary>Offset count, offsets (the last is the total length), then channel, four JSON parts, buffers.</summary>
    public static byte[] Write(string channel, JupyterMessage message)
    {
        ReadOnlyMemory<byte>[] parts =
        [
            Encoding.ASCII.GetBytes(channel), message.Header, message.ParentHeader, message.Metadata, message.Content, .. message.Buffers,
        ];
        var position = 8 * (parts.Length + 2);
        var frame = LargeMemory.Allocate(position + parts.Sum(p => p.Length));
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)parts.Length + 1);
        for (var i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(8 * (i + 1)), (ulong)position);
            parts[i].CopyTo(frame.AsMemory(position));
            position += parts[i].Length;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(8 * (parts.Length + 1)), (ulong)position);
        return frame;
    }

    public static ClientMessage Read(ReadOnlyMemory<byte> frame)
    {
        var count = (int)BinaryPrimitives.ReadUInt64LittleEndian(frame.Span);
        if (count < 6 || frame.Length < 8 * (count + 1)) throw new JupyterFormatException($"a v1 frame with {count} offsets");
        ReadOnlyMemory<byte> Part(int i)
        {
            var from = (int)BinaryPrimitives.ReadUInt64LittleEndian(frame.Span[(8 * (i + 1))..]);
            var to = (int)BinaryPrimitives.ReadUInt64LittleEndian(frame.Span[(8 * (i + 2))..]);
            return frame[from..to];
        }

        var buffers = Enumerable.Range(5, count - 6).Select(Part).ToArray();
        return new(Encoding.ASCII.GetString(Part(0).Span), new JupyterMessage(Part(1), Part(2), Part(3), Part(4), buffers));
    }
}

internal static class LegacyFraming
{
    /// <summary>The text form; buffers go into the binary form around it.</summary>
    public static (byte[] Frame, bool IsText) Write(string channel, JupyterMessage message)
    {
        var json = new JsonObject
        {
            ["channel"] = channel,
            ["header"] = JsonNode.Parse(message.Header.Span),
            ["parent_header"] = JsonNode.Parse(message.ParentHeader.Span),
            ["metadata"] = JsonNode.Parse(message.Metadata.Span),
            ["content"] = JsonNode.Parse(message.Content.Span),
        };
        if (message.Buffers.Count == 0) json["buffers"] = new JsonArray();
        var text = Encoding.UTF8.GetBytes(json.ToJsonString());
        return message.Buffers.Count == 0 ? (text, true) : (WithBuffers([text, .. message.Buffers]), false);
    }

    public static ClientMessage Read(ReadOnlyMemory<byte> frame, bool isText)
    {
        ReadOnlyMemory<byte>[] parts = isText ? [frame] : Parts(frame);
        var json = JsonDocument.Parse(parts[0]).RootElement;
        if (json.GetProperty("msg_id").GetString() != json.GetProperty("header").GetProperty("msg_id").GetString()
            || json.GetProperty("msg_type").GetString() != json.GetProperty("header").GetProperty("msg_type").GetString())
        {
            throw new JupyterFormatException("msg_id and msg_type beside the header are not those of the header");
        }

        byte[] Bytes(string name) => Encoding.UTF8.GetBytes(json.GetProperty(name).GetRawText());
        var message = new JupyterMessage(
            Bytes("header"), Bytes("parent_header"), Bytes("metadata"), Bytes("content"), parts[1..]);
        return new(json.GetProperty("channel").GetString()!, message);
    }

    /// <summary>Count of parts, their offsets, the parts; all numbers big-endian and 32 bits.</summary>
    private static byte[] WithBuffers(ReadOnlyMemory<byte>[] parts)
    {
        var position = 4 * (parts.Length + 1);
        var frame = new byte[position + parts.Sum(p => p.Length)];
        BinaryPrimitives.WriteInt32BigEndian(frame, parts.Length);
        for (var i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4 * (i + 1)), position);
            parts[i].CopyTo(frame.AsMemory(position));
            position += parts[i].Length;
        }

        return frame;
    }

    private static ReadOnlyMemory<byte>[] Parts(ReadOnlyMemory<byte> frame)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(frame.Span);
        int Offset(int i) => i == count ? frame.Length : BinaryPrimitives.ReadInt32BigEndian(frame.Span[(4 * (i + 1))..]);
        return [.. Enumerable.Range(0, count).Select(i => frame[Offset(i)..Offset(i + 1)])];
    }
}
