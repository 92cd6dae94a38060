using System.Collections.Immutable;
using System.Text.Json;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.State;

/// <summary>A kernel process's word on what a cell changed: <c>notebook_state</c>, or its whole state: <c>notebook_snapshot_reply</c>.</summary>
/// <param name="Sequence">The change's number.</param>
/// <param name="IsEmpty">Whether the other replicas need nothing of it.</param>
/// <param name="Inline">The change; empty when there is none.</param>
/// <param name="Blobs">Large memory that came with it.</param>
/// <param name="Lost">Names with a value that cannot be copied, each with the reason.</param>
/// <param name="Error">Why the process could not say what changed; null when it could.</param>
internal sealed record StateMessage(
    long Sequence,
    bool IsEmpty,
    ReadOnlyMemory<byte> Inline,
    ImmutableArray<VerifiedChunk> Blobs,
    ImmutableSortedDictionary<string, string> Lost,
    string? Error)
{
    public const string Type = "notebook_state";

    /// <summary>Reads one. What a kernel process sends may be its user's doing: whatever is wrong becomes <see cref="Error"/>.</summary>
    public static StateMessage Read(ReadOnlySpan<byte> content, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        try
        {
            using var json = JsonDocument.Parse(content.ToArray());
            var root = json.RootElement;
            if (root.TryGetProperty("error"u8, out var error)) return Failed(error.GetString() ?? "no reason given");
            var names = root.GetProperty("blobs"u8);
            if (buffers.Count > 0 && buffers.Count != names.GetArrayLength() + 1)
                return Failed($"it names {names.GetArrayLength()} blobs and sends {buffers.Count - 1}");
            var blobs = ImmutableArray.CreateBuilder<VerifiedChunk>(Math.Max(0, buffers.Count - 1));
            for (var i = 1; i < buffers.Count; i++)
            {
                var blob = VerifiedChunk.Of(buffers[i]);
                if (blob.Ref.Hash.ToString() != names[i - 1].GetString()) return Failed($"blob {i} is not what its name says");
                blobs.Add(blob);
            }

            var lost = root.TryGetProperty("lost"u8, out var map)
                ? map.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value.GetString() ?? "")
                : ImmutableSortedDictionary<string, string>.Empty;
            var isEmpty = root.GetProperty("empty"u8).GetBoolean();
            return new(root.GetProperty("sequence"u8).GetInt64(), isEmpty, buffers.Count > 0 ? buffers[0] : default, blobs.ToImmutable(), lost, null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return Failed($"its message is malformed: {e.Message}");
        }
    }

    /// <summary>Reads the one in a message from the process.</summary>
    public static StateMessage Read(JupyterFrame frame) => Read(frame.Content.Span, [.. frame.Buffers.Select(b => b.Memory)]);

    private static StateMessage Failed(string error) => new(0, false, default, [], ImmutableSortedDictionary<string, string>.Empty, error);
}
