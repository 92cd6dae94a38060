using System.Text.Json;

namespace Notebook.JupyterWire.WebSockets;

/// <summary>What routing needs of a client's header.</summary>
/// <param name="MessageId"><c>msg_id</c>, never empty.</param>
/// <param name="MessageType"><c>msg_type</c>, never empty.</param>
/// <param name="Session"><c>session</c>, may be empty.</param>
public readonly record struct HeaderFields(string MessageId, string MessageType, string Session)
{
    private const int MaxLength = 512;

    /// <summary>Reads them from a header's JSON.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, out HeaderFields fields, out string? fault)
    {
        string id = "", type = "", session = "";
        fields = default;
        try
        {
            var reader = JsonParts.Reader(header);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("msg_id"u8)) id = Text(ref reader);
                else if (reader.ValueTextEquals("msg_type"u8)) type = Text(ref reader);
                else if (reader.ValueTextEquals("session"u8)) session = Text(ref reader);
                else reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            fault = $"a header cannot be read: {e.Message}";
            return false;
        }

        fault = id.Length == 0 ? "a header has no msg_id"
            : type.Length == 0 ? "a header has no msg_type"
            : id.Length > MaxLength || type.Length > MaxLength || session.Length > MaxLength
                ? $"msg_id, msg_type or session of a header is longer than {MaxLength} characters"
            : null;
        if (fault is not null) return false;
        fields = new HeaderFields(id, type, session);
        return true;
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString()!;
        reader.Skip();
        return "";
    }
}
