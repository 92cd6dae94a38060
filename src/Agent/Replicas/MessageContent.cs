using System.Text.Json;

namespace Notebook.Agent.Replicas;

/// <summary>Reads single texts out of a message's content.</summary>
internal static class MessageContent
{
    /// <summary>The text of a property at the top; null when there is none, or it is no text, or this is no JSON.</summary>
    public static string? Text(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        try
        {
            var reader = new Utf8JsonReader(content);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(name);
                reader.Read();
                if (found) return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
