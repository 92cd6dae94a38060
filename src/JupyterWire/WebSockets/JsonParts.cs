using System.Text.Json;
using System.Text.Unicode;

namespace Notebook.JupyterWire.WebSockets;

/// <summary>Checks of JSON text from clients; deep enough for anything that Python's own reader takes.</summary>
internal static class JsonParts
{
    private const int MaxDepth = 900;

    public static Utf8JsonReader Reader(ReadOnlySpan<byte> json) => new(json, new JsonReaderOptions { MaxDepth = MaxDepth });

    /// <summary>Whether these bytes are one JSON object in valid UTF-8, and nothing else.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) return false;
        try
        {
            var reader = Reader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static ReadOnlyMemory<byte> OrEmpty(ReadOnlyMemory<byte> part) => part.IsEmpty ? SocketMessage.EmptyObject : part;

    /// <summary>Which part is no JSON object, or null when all are.</summary>
    public static string? FaultOf(in SocketMessage message) =>
        !IsObject(message.Header.Span) ? "the header is no JSON object"
        : !IsObject(message.ParentHeader.Span) ? "the parent header is no JSON object"
        : !IsObject(message.Metadata.Span) ? "the metadata is no JSON object"
        : !IsObject(message.Content.Span) ? "the content is no JSON object"
        : null;
}
