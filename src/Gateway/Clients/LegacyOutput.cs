using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Notebook.Gateway.Kernels;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Clients;

/// <summary>
/// The frames of a message for a client of the default framing. Jupyter servers that use us by <c>--gateway-url</c>
/// take at most 10 MiB in one frame and then hang or lose the rest: so long texts of streams are sent in pieces, and
/// other outputs over the operator's limit give way to a line that says so.
/// </summary>
internal static class LegacyOutput
{
    // A character has at most 6 bytes in JSON, so that a piece stays below 9 MiB whatever it holds.
    private const int PieceCharacters = 1_500_000;
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<(byte[] Frame, bool Binary)> FramesOf(OutMessage message, GatewayOptions options, GatewayCounters counters)
    {
        var size = message.Parts.Size;
        if (size > options.LegacyMaxStreamBytes && message.Type == "stream" && Pieces(message) is { } pieces) return pieces;
        if (options.LegacyMaxMessageBytes > 0 && size > options.LegacyMaxMessageBytes
            && message.Type is "display_data" or "update_display_data" or "execute_result")
        {
            counters.Add(GatewayCounters.StubbedOutputs);
            return [Stub(message, size)];
        }

        return [message.LegacyFrame()];
    }

    private static List<(byte[] Frame, bool Binary)>? Pieces(OutMessage message)
    {
        string? name, text;
        try
        {
            using var content = JsonDocument.Parse(message.Parts.Content);
            name = content.RootElement.GetProperty("name").GetString();
            text = content.RootElement.GetProperty("text").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;   // no stream as the protocol has them: whole or not at all
        }

        var frames = new List<(byte[], bool)>();
        for (var at = 0; text is not null && at < text.Length;)
        {
            var length = Math.Min(PieceCharacters, text.Length - at);
            if (at + length < text.Length && char.IsHighSurrogate(text[at + length - 1])) length--;
            var piece = text.AsMemory(at, length);
            frames.Add(WithContent(message, json =>
            {
                json.WriteString("name"u8, name);
                json.WriteString("text"u8, piece.Span);
            }));
            at += length;
        }

        return frames;
    }

    private static (byte[] Frame, bool Binary) Stub(OutMessage message, long size) => WithContent(message, json =>
    {
        json.WriteStartObject("data"u8);
        json.WriteString("text/plain"u8,
            $"[an output of {size / 1048576.0:0.0} MiB is not shown: this client's server takes less; save it to a file instead]");
        json.WriteEndObject();
        json.WriteStartObject("metadata"u8);
        json.WriteEndObject();
        if (message.Type == "execute_result") json.WriteNumber("execution_count"u8, ExecutionCount(message));
        else
        {
            json.WriteStartObject("transient"u8);
            json.WriteEndObject();
        }
    });

    private static int ExecutionCount(OutMessage message)
    {
        using var content = JsonDocument.Parse(message.Parts.Content);
        return content.RootElement.TryGetProperty("execution_count"u8, out var count) && count.TryGetInt32(out var number) ? number : 0;
    }

    private static (byte[] Frame, bool Binary) WithContent(OutMessage message, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_writing))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return LegacyFraming.Write(message.Parts with { Content = buffer.WrittenMemory, Buffers = [] }, message.Id, message.Type);
    }
}
