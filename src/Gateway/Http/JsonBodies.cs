using System.Text.Json;

namespace Notebook.Gateway.Http;

/// <summary>Reads the JSON object in a request's body. Whatever the bytes are, the answer is a value or what is wrong with them.</summary>
internal static class JsonBodies
{
    /// <returns>What is wrong with the object, or null.</returns>
    public delegate string? Reader<T>(JsonElement json, out T? value);

    /// <returns>What is wrong with the body, or null.</returns>
    public static string? TryRead<T>(ReadOnlyMemory<byte> body, Reader<T> reader, out T? value)
    {
        value = default;
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object ? reader(json.RootElement, out value) : "the request must be a JSON object";
        }
        catch (JsonException e)
        {
            return $"Invalid JSON in body of request: {e.Message}";
        }
        catch (InvalidOperationException e) when (e.Source?.StartsWith("System.Text.Json", StringComparison.Ordinal) == true)
        {
            return "Invalid JSON in body of request: a text is not valid Unicode";
        }
    }

    /// <summary>Takes a text of an object, if it is there and not null.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Text(JsonElement json, string name, int limit, ref string? text)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) return $"{name} must be a text";
        text = value.GetString()!;
        return text.Contains('\0') ? $"{name} has a zero byte in it" : text.Length > limit ? $"{name} is longer than {limit} characters" : null;
    }
}
