using System.Text.Json;

namespace Notebook.JupyterWire;

/// <summary>
/// What a message's header (or parent header) says. Read straight from its JSON bytes: the bytes themselves travel on
/// unchanged, so that fields which we do not know survive.
/// </summary>
/// <param name="MessageId"><c>msg_id</c>; empty only in an absent parent header.</param>
/// <param name="MessageType"><c>msg_type</c>.</param>
/// <param name="Session"><c>session</c>.</param>
/// <param name="Username"><c>username</c>.</param>
/// <param name="Date"><c>date</c>, as it was written.</param>
/// <param name="Version"><c>version</c> of the messaging protocol.</param>
/// <param name="SubshellId"><c>subshell_id</c>, null when there is none.</param>
public sealed record JupyterHeader(
    string MessageId,
    string MessageType,
    string Session,
    string Username = "",
    string Date = "",
    string Version = JupyterHeader.OurVersion,
    string? SubshellId = null)
{
    /// <summary>The version of the messaging protocol that our own messages claim.</summary>
    public const string OurVersion = "5.3";

    /// <summary>The largest header that is read, 64 KiB: real ones have some 300 bytes.</summary>
    public const int MaxBytes = 64 << 10;

    /// <summary>What <c>{}</c> stands for: no parent.</summary>
    public static JupyterHeader None { get; } = new("", "", "", Version: "");

    /// <summary>Reads a header; fields that are missing, or are no text, count as empty.</summary>
    /// <exception cref="JupyterFormatException">It is no JSON object, or is too large.</exception>
    public static JupyterHeader Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxBytes) throw new JupyterFormatException($"a header has {json.Length} bytes, at most {MaxBytes} are read");
        if (json.SequenceEqual("{}"u8)) return None;
        try
        {
            return Read(new Utf8JsonReader(json));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new JupyterFormatException($"a header is no JSON object: {e.Message}", e);
        }
    }

    private static JupyterHeader Read(Utf8JsonReader reader)
    {
        string id = "", type = "", session = "", username = "", date = "", version = "";
        string? subshell = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("it does not start with '{'");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("msg_id"u8)) id = Text(ref reader);
            else if (reader.ValueTextEquals("msg_type"u8)) type = Text(ref reader);
            else if (reader.ValueTextEquals("session"u8)) session = Text(ref reader);
            else if (reader.ValueTextEquals("username"u8)) username = Text(ref reader);
            else if (reader.ValueTextEquals("date"u8)) date = Text(ref reader);
            else if (reader.ValueTextEquals("version"u8)) version = Text(ref reader);
            else if (reader.ValueTextEquals("subshell_id"u8)) subshell = Text(ref reader) is { Length: > 0 } text ? text : null;
            else reader.Skip();
        }

        if (reader.Read()) throw new JsonException("something follows the object");
        return new(id, type, session, username, date, version, subshell);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString()!;
        reader.Skip();
        return "";
    }
}
