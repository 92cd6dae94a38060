using System.Buffers;
using System.Text.Json;

namespace Notebook.Agent.Replicas;

/// <summary>The content of an error that the platform tells a cell's user: of the output, and of the reply.</summary>
internal static class ErrorContent
{
    /// <summary>Of an <c>error</c> among the outputs.</summary>
    public static ReadOnlyMemory<byte> OfOutput(string name, string text) => Write(name, text, null);

    /// <summary>Of a reply in place of another one, whose other properties it keeps.</summary>
    /// <param name="name">The <c>ename</c>.</param>
    /// <param name="text">The <c>evalue</c>.</param>
    /// <param name="replied">The other one's content, a JSON object.</param>
    public static ReadOnlyMemory<byte> OfReply(string name, string text, ReadOnlyMemory<byte> replied) => Write(name, text, replied);

    private static ReadOnlyMemory<byte> Write(string name, string text, ReadOnlyMemory<byte>? replied)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("ename"u8, name);
            json.WriteString("evalue"u8, text);
            json.WriteStartArray("traceback"u8);
            json.WriteStringValue($"{name}: {text}");
            json.WriteEndArray();
            if (replied is { } content)
            {
                json.WriteString("status"u8, "error");
                using var old = JsonDocument.Parse(content);
                foreach (var property in old.RootElement.EnumerateObject())
                    if (property.Name is not ("status" or "ename" or "evalue" or "traceback")) property.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
