using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>Makes WebSocket messages of either framing that are wrong in all the ways in which one can be.</summary>
internal sealed class FrameMutations(Random random, bool v1, int tooLarge)
{
    private readonly MessageMutations _messages = new(random);

    public (byte[] Frame, WebSocketMessageType Type) Next()
    {
        var right = _messages.Right();
        if (random.Next(2) == 0) right = right with { Buffers = Buffers(random.Next(1, 4)) };
        var (frame, type) = Framed(right);
        switch (random.Next(16))
        {
            case 0:
                return (frame[..random.Next(frame.Length)], type);
            case 1:
                for (var n = random.Next(1, 9); n > 0; n--) frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
                return (frame, type);
            case 2 or 3:
                return Offsets(right with { Buffers = Buffers(2) });
            case 4:
                return (frame, type == WebSocketMessageType.Text ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
            case 5:
                var at = random.Next(frame.Length);
                return ([.. frame[..at], .. (byte[])[0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80], .. frame[at..]], type);
            case 6:
                return Framed(right with { Channel = SocketChannel.Iopub });
            case 7:
                var name = (int)frame.AsSpan().LastIndexOf(right.Channel.Name());
                if (name >= 0) frame[name] ^= 2;
                return (frame, type);
            case 8:
                return Framed(right with { Buffers = [.. Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, SocketMessage.MaxBuffers + random.Next(-1, 3))] });
            case 9:
                random.NextBytes(frame = new byte[random.Next(3) * random.Next(100)]);
                return (frame, random.Next(2) == 0 ? WebSocketMessageType.Binary : type);
            case 10:
                return (new byte[tooLarge + 1 + random.Next(tooLarge)], WebSocketMessageType.Binary);
            case 11:
                return (Encoding.UTF8.GetBytes(Loose(right)), v1 ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
            default:
                return Framed(_messages.Next());
        }
    }

    private (byte[] Frame, WebSocketMessageType Type) Framed(in SocketMessage message)
    {
        if (v1) return (V1Framing.Write(message), WebSocketMessageType.Binary);
        var (frame, binary) = LegacyFraming.Write(message, "id", "type");
        return (frame, binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
    }

    // Counts and offsets that point outside, overlap, go down or are huge.
    private (byte[] Frame, WebSocketMessageType Type) Offsets(in SocketMessage message)
    {
        var (frame, type) = Framed(message);
        var (number, count) = v1 ? (sizeof(ulong), 9) : (sizeof(uint), 4);
        for (var n = random.Next(1, 3); n > 0; n--)
        {
            long[] values = [0, 1, -1, frame.Length, frame.Length - 1, frame.Length + 1, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, uint.MaxValue, random.Next(frame.Length)];
            var value = values[random.Next(values.Length)];
            var at = frame.AsSpan(number * random.Next(count));
            if (v1) BinaryPrimitives.WriteInt64LittleEndian(at, value);
            else BinaryPrimitives.WriteInt32BigEndian(at, unchecked((int)value));
        }

        return (frame, type);
    }

    // As clients of all kinds write the default form, and as none does.
    private string Loose(in SocketMessage message)
    {
        string[] more = ["\"buffers\":{}", "\"buffers\":null", "\"buffers\":[[]]", "\"channel\":null", "\"channel\":1", "\"channel\":[]", "\"header\":null", "\"content\":[]", "\"\\ud800\":1", "\"c\\ud800ntent\":1"];
        var (header, content) = (Encoding.UTF8.GetString(message.Header.Span), Encoding.UTF8.GetString(message.Content.Span));
        var fields = new List<string> { $"\"header\":{header}", $"\"content\":{content}", "\"metadata\":{}", "\"parent_header\":{}" };
        if (random.Next(2) == 0) fields.RemoveAt(random.Next(fields.Count));
        fields.Insert(random.Next(fields.Count), more[random.Next(more.Length)]);
        return $"{{{string.Join(",", fields)}}}";
    }

    private ReadOnlyMemory<byte>[] Buffers(int count) => [.. Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)new byte[random.Next(50)])];
}
