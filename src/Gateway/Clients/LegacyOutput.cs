using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Notebook.Gateway.Kernels;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Clients;

/// <summary>
/// The frames of a message for a client of the default framing, within its <see cref="LegacyLimits"/>. Jupyter servers that use
/// us by <c>--gateway-url</c> take at most 10 MiB in one frame and then hang or lose the rest: so long texts of streams are sent
/// in pieces, and other outputs that are too large give way to a line that says where they are.
/// </summary>
internal static class LegacyOutput
{
    // A character has at most 6 bytes in JSON, so that a piece stays below its limit whatever it holds.
    private const int CharacterBytesMost = 6;
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether an output gives way to a stub.</summary>
    public static bool IsTooLarge(OutMessage message, LegacyLimits limits) =>
        limits.DisplayBytes > 0 && message.Parts.Size > limits.DisplayBytes
        && message.Type is "display_data" or "update_display_data" or "execute_result";

    /// <summary>The frames of a message that is not too large.</summary>
    public static IReadOnlyList<(byte[] Frame, bool Binary)> FramesOf(OutMessage message, LegacyLimits limits) =>
        limits.StreamBytes > 0 && message.Parts.Size > limits.StreamBytes && message.Type == "stream" && Pieces(message, limits.StreamBytes) is { } pieces
            ? pieces
            : [message.LegacyFrame()];

    /// <summary>What is sent in the place of an output that is too large.</summary>
    /// <param name="message">The output.</param>
    /// <param name="limits">What the client takes.</param>
    /// <param name="place">Where all of it is; null where it could not be kept.</param>
    public static (byte[] Frame, bool Binary) Stub(OutMessage message, LegacyLimits limits, string? place) => WithContent(message, json =>
    {
        var rest = place is null ? "Save it to a file instead." : $"All of it is at {place} (with the gateway's token).";
        json.WriteStartObject("data"u8);
        json.WriteString("text/plain"u8, string.Create(CultureInfo.InvariantCulture,
            $"[an output of {Megabytes(message.Parts.Size)} MiB is not shown: this client takes {Megabytes(limits.DisplayBytes)} MiB in a message. {rest}]"));
        json.WriteEndObject();
        json.WriteStartObject("metadata"u8);
        json.WriteEndObject();
        using var content = JsonDocument.Parse(message.Parts.Content);
        if (message.Type == "execute_result") Copy(content, "execution_count"u8, json);
        else Copy(content, "transient"u8, json);   // updates find it by its display id
    });

    private static double Megabytes(long bytes) => Math.Round(bytes / 1048576.0, 1);

    private static void Copy(JsonDocument content, ReadOnlySpan<byte> name, Utf8JsonWriter json)
    {
        if (content.RootElement.ValueKind != JsonValueKind.Object || !content.RootElement.TryGetProperty(name, out var value)) return;
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    private static List<(byte[] Frame, bool Binary)>? Pieces(OutMessage message, long limit)
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

        var most = (int)Math.Min(int.MaxValue, limit / CharacterBytesMost);
        var frames = new List<(byte[], bool)>();
        for (var at = 0; text is not null && at < text.Length;)
        {
            var length = Math.Min(most, text.Length - at);
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
