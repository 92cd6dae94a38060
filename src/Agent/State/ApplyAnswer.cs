using System.Text.Json;
using Notebook.JupyterWire;
using Notebook.Objects;

namespace Notebook.Agent.State;

/// <summary>A standby's answer to a change.</summary>
internal abstract record ApplyAnswer
{
    /// <summary>It has it.</summary>
    public sealed record Applied : ApplyAnswer;

    /// <summary>It has taken in nothing: large memory that the change names is not on this server.</summary>
    /// <param name="Chunks">Which.</param>
    public sealed record Missing(IReadOnlyList<ChunkRef> Chunks) : ApplyAnswer;

    /// <summary>It could not; what it holds is not the kernel's state.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Failed(string Reason) : ApplyAnswer;

    /// <summary>Reads it; an answer that makes no sense is a failure.</summary>
    public static ApplyAnswer Read(JupyterMessage reply)
    {
        try
        {
            using var content = JsonDocument.Parse(reply.Content);
            var root = content.RootElement;
            return root.GetProperty("status"u8).GetString() switch
            {
                "ok" => new Applied(),
                "missing" => new Missing([.. root.GetProperty("blobs"u8).EnumerateArray().Zip(root.GetProperty("lengths"u8).EnumerateArray(), ChunkOf)]),
                _ => new Failed($"{root.GetProperty("ename"u8).GetString()}: {root.GetProperty("evalue"u8).GetString()}"),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new Failed($"its answer is malformed: {e.Message}");
        }
    }

    private static ChunkRef ChunkOf(JsonElement hash, JsonElement length) =>
        ObjectHash.TryParse(hash.GetString(), out var parsed) && length.GetInt32() is > 0 and <= ChunkRef.MaxLength and var bytes
            ? new(parsed, bytes)
            : throw new FormatException($"{hash} of {length} bytes is no chunk");
}
