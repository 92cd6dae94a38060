using System.Buffers;
using System.Text.Json;

namespace Notebook.Agent.Replicas;

/// <summary>What the platform tells the kernel process with a cell: key <c>notebook</c> of its metadata.</summary>
internal static class CellMetadata
{
    /// <summary>Adds our key at the end of a metadata object: of two equal keys Python takes the last, so a client cannot set it.</summary>
    /// <param name="metadata">The client's metadata.</param>
    /// <param name="execution">The cell's number.</param>
    /// <param name="devices">Its GPUs; null to leave what CUDA sees alone.</param>
    /// <exception cref="JsonException">The metadata is no JSON object.</exception>
    public static byte[] With(ReadOnlySpan<byte> metadata, long execution, IReadOnlyList<int>? devices)
    {
        var isEmpty = CheckObject(metadata, "metadata");
        var end = metadata.LastIndexOf((byte)'}');
        var buffer = new ArrayBufferWriter<byte>(metadata.Length + 64);
        buffer.Write(metadata[..end]);
        buffer.Write(isEmpty ? "\"notebook\":"u8 : ",\"notebook\":"u8);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("execution"u8, execution);
            if (devices is not null)
            {
                json.WriteStartArray("devices"u8);
                foreach (var device in devices) json.WriteNumberValue(device);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Checks that a part of a message is one JSON object; a kernel drops anything else without a word.</summary>
    /// <returns>Whether it has no properties.</returns>
    /// <exception cref="JsonException">It is not.</exception>
    public static bool CheckObject(ReadOnlySpan<byte> json, string part)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException($"the {part} is no JSON object");
        reader.Read();
        var isEmpty = reader.TokenType == JsonTokenType.EndObject;
        while (reader.Read())
        {
        }

        return isEmpty;
    }
}
