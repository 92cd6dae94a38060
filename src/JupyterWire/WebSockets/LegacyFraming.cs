using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Notebook.JupyterWire.WebSockets;

/// <summary>
/// The default framing, without a subprotocol. A message without buffers is one text frame of JSON; with buffers it is
/// a binary frame (numbers of 32 bits, big-endian): <code>n | n offsets from the start of the frame | JSON | buffers...</code>
/// </summary>
public static class LegacyFraming
{
    private const int Number = sizeof(uint);

    /// <summary>Reads a text frame; the message's parts point into <paramref name="json"/>.</summary>
    /// <param name="json">One whole WebSocket text message.</param>
    /// <param name="message">The message, its JSON parts checked to be objects.</param>
    /// <param name="fault">What is wrong, when false is returned.</param>
    public static bool TryReadText(ReadOnlyMemory<byte> json, out SocketMessage message, out string? fault) =>
        TryReadJson(json, [], out message, out fault);

    /// <summary>Reads a binary frame; the message's parts point into <paramref name="frame"/>.</summary>
    /// <inheritdoc cref="TryReadText"/>
    public static bool TryReadBinary(ReadOnlyMemory<byte> frame, out SocketMessage message, out string? fault)
    {
        message = default;
        fault = null;
        var span = frame.Span;
        var count = span.Length < Number ? 0 : BinaryPrimitives.ReadUInt32BigEndian(span);
        if (count is < 1 or > SocketMessage.MaxBuffers + 1)
            fault = $"a binary frame of {span.Length} bytes has {count} parts, not 1 to {SocketMessage.MaxBuffers + 1}";
        else if (span.Length < Number * ((int)count + 1))
            fault = $"a binary frame of {span.Length} bytes is too short for its {count} offsets";
        if (fault is not null) return false;

        var parts = new ReadOnlyMemory<byte>[(int)count];
        for (var i = 0; i < parts.Length; i++)
        {
            var start = Offset(span, i);
            var end = i + 1 < parts.Length ? Offset(span, i + 1) : (uint)span.Length;
            if (start < Number * (parts.Length + 1) || end < start || end > span.Length)
            {
                fault = $"part {i} of a binary frame of {span.Length} bytes lies from {start} to {end}";
                return false;
            }

            parts[i] = frame[(int)start..(int)end];
        }

        return TryReadJson(parts[0], parts[1..], out message, out fault);
    }

    /// <summary>The frame of a message, and whether it is a binary one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="messageId">The header's <c>msg_id</c>, which clients also look for beside the header.</param>
    /// <param name="messageType">The header's <c>msg_type</c>, likewise.</param>
    public static (byte[] Frame, bool Binary) Write(in SocketMessage message, string messageId, string messageType)
    {
        var id = JsonEncodedText.Encode(messageId).EncodedUtf8Bytes;
        var type = JsonEncodedText.Encode(messageType).EncodedUtf8Bytes;
        var json = "{\"header\":,\"parent_header\":,\"metadata\":,\"content\":,\"channel\":\"\",\"buffers\":[],\"msg_id\":\"\",\"msg_type\":\"\"}"u8.Length
            + message.Header.Length + message.ParentHeader.Length + message.Metadata.Length + message.Content.Length
            + message.Channel.Name().Length + id.Length + type.Length;
        var buffers = message.Buffers;
        var prefix = buffers.Count == 0 ? 0 : Number * (buffers.Count + 2);
        var frame = GC.AllocateUninitializedArray<byte>(checked((int)(prefix + json + buffers.Sum(b => (long)b.Length))));

        var at = prefix;
        Add("{\"header\":"u8, frame, ref at);
        Add(message.Header.Span, frame, ref at);
        Add(",\"parent_header\":"u8, frame, ref at);
        Add(message.ParentHeader.Span, frame, ref at);
        Add(",\"metadata\":"u8, frame, ref at);
        Add(message.Metadata.Span, frame, ref at);
        Add(",\"content\":"u8, frame, ref at);
        Add(message.Content.Span, frame, ref at);
        Add(",\"channel\":\""u8, frame, ref at);
        Add(message.Channel.Name(), frame, ref at);
        Add("\",\"buffers\":[],\"msg_id\":\""u8, frame, ref at);
        Add(id, frame, ref at);
        Add("\",\"msg_type\":\""u8, frame, ref at);
        Add(type, frame, ref at);
        Add("\"}"u8, frame, ref at);
        if (buffers.Count == 0) return (frame, false);

        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)buffers.Count + 1);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(Number), (uint)prefix);
        for (var i = 0; i < buffers.Count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(Number * (i + 2)), (uint)at);
            Add(buffers[i].Span, frame, ref at);
        }

        return (frame, true);
    }

    private static bool TryReadJson(
        ReadOnlyMemory<byte> json, IReadOnlyList<ReadOnlyMemory<byte>> buffers, out SocketMessage message, out string? fault)
    {
        message = default;
        if (!Utf8.IsValid(json.Span))
        {
            fault = "a message is not valid UTF-8";
            return false;
        }

        ReadOnlyMemory<byte> header = default, parent = default, metadata = default, content = default;
        var channel = SocketChannel.Shell;   // what a client means that names none
        try
        {
            var reader = JsonParts.Reader(json.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                fault = "a message is no JSON object";
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (JsonNames.Is(reader, "header"u8)) header = Value(ref reader, json);
                else if (JsonNames.Is(reader, "parent_header"u8)) parent = Value(ref reader, json);
                else if (JsonNames.Is(reader, "metadata"u8)) metadata = Value(ref reader, json);
                else if (JsonNames.Is(reader, "content"u8)) content = Value(ref reader, json);
                else if (JsonNames.Is(reader, "channel"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.Null) continue;
                    if (reader.TokenType != JsonTokenType.String || !SocketChannels.TryParse(reader.ValueSpan, out channel))
                    {
                        fault = "a message names no channel that there is";
                        return false;
                    }
                }
                else reader.Skip();   // buffers travel beside the JSON; the rest repeats the header
            }

            if (reader.Read())
            {
                fault = "something follows a message's JSON";
                return false;
            }
        }
        catch (JsonException e)
        {
            fault = $"a message is no JSON: {e.Message}";
            return false;
        }

        message = new SocketMessage(channel, header, JsonParts.OrEmpty(parent), JsonParts.OrEmpty(metadata), JsonParts.OrEmpty(content), buffers);
        fault = StartsObject(header) ? null : "the header is no JSON object";
        fault ??= StartsObject(message.ParentHeader) ? null : "the parent header is no JSON object";
        fault ??= StartsObject(message.Metadata) ? null : "the metadata is no JSON object";
        fault ??= StartsObject(message.Content) ? null : "the content is no JSON object";
        return fault is null;
    }

    // The text of the value after the property name that the reader stands on; null counts as absent.
    private static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return default;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static uint Offset(ReadOnlySpan<byte> frame, int index) =>
        BinaryPrimitives.ReadUInt32BigEndian(frame[(Number * (index + 1))..]);

    private static bool StartsObject(ReadOnlyMemory<byte> value) => !value.IsEmpty && value.Span[0] == (byte)'{';

    private static void Add(ReadOnlySpan<byte> part, byte[] frame, ref int at)
    {
        part.CopyTo(frame.AsSpan(at));
        at += part.Length;
    }

    private static void Add(ReadOnlyMemory<byte> part, byte[] frame, ref int at) => Add(part.Span, frame, ref at);
}
