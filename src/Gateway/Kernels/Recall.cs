using System.Text.Json;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// <c>recall_request</c>, a shell message of ours: what cells have said so far, for a page that was loaded anew. Its
/// content is <c>{"msg_ids": [...]}</c>, or nothing for all that is kept; the reply has the messages as they were.
/// </summary>
internal static class Recall
{
    public const string Request = "recall_request", Reply = "recall_reply";
    private const int MaxAsked = 1000;
    private const int MaxContent = 1 << 20;

    /// <summary>Which cells are asked for; null for all, none where the content makes no sense.</summary>
    public static HashSet<string>? Asked(ReadOnlySpan<byte> content)
    {
        if (content.Length > MaxContent) return [];
        try
        {
            var reader = new Utf8JsonReader(content);
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.TryGetProperty("msg_ids"u8, out var ids) && ids.ValueKind == JsonValueKind.Array
                ? [.. ids.EnumerateArray().Where(id => id.ValueKind == JsonValueKind.String).Select(id => id.GetString()!).Take(MaxAsked)]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>Writes the reply's content, inside its object.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<RecentCells.Cell> cells, HashSet<string>? asked)
    {
        json.WriteString("status"u8, "ok");
        json.WriteStartArray("cells"u8);
        foreach (var cell in cells.Where(c => asked?.Contains(c.Id) ?? true))
        {
            json.WriteStartObject();
            json.WriteString("msg_id"u8, cell.Id);
            json.WriteBoolean("finished"u8, cell.FinishedAt is not null);
            json.WriteNumber("left_out"u8, cell.LeftOut);
            json.WriteStartArray("messages"u8);
            foreach (var message in cell.Messages) Write(json, message);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, RecentCells.Said message)
    {
        var parts = message.Parts;
        json.WriteStartObject();
        json.WriteString("channel"u8, parts.Channel.Name());
        json.WriteString("msg_id"u8, message.Id);
        json.WriteString("msg_type"u8, message.Type);
        Raw("header"u8, parts.Header);
        Raw("parent_header"u8, parts.ParentHeader);
        Raw("metadata"u8, parts.Metadata);
        Raw("content"u8, parts.Content);
        json.WriteEndObject();

        void Raw(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value.Span, skipInputValidation: true);
        }
    }
}
