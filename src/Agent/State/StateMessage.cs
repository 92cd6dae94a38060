using System.Collections.Immutable;
using System.Text;
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
/// <param name="Large">Names with values among the large memory, some at least.</param>
/// <param name="Reply">The content of the cell's reply, for the log; empty when it is not said, or longer than the log takes.</param>
internal sealed record StateMessage(
    long Sequence,
    bool IsEmpty,
    ReadOnlyMemory<byte> Inline,
    ImmutableArray<VerifiedChunk> Blobs,
    ImmutableSortedDictionary<string, string> Lost,
    string? Error,
    ImmutableArray<string> Large = default,
    ReadOnlyMemory<byte> Reply = default)
{
    private const int MaxGpus = 1024;
    private const double MaxAmount = 1e9;

    public const string Type = "notebook_state";

    /// <summary>The messages before it, with large memory that is too much for one.</summary>
    public const string BlobsType = "notebook_blobs";

    /// <summary>What the notebook has set for the cells that follow; null where the process could not say.</summary>
    public CellDefault? CellDefault { get; init; }

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
            var blobs = NamedBlobs(names, buffers.Skip(1));
            var lost = root.TryGetProperty("lost"u8, out var map)
                ? map.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value.GetString() ?? "")
                : ImmutableSortedDictionary<string, string>.Empty;
            var isEmpty = root.GetProperty("empty"u8).GetBoolean();
            ImmutableArray<string> large = root.TryGetProperty("large"u8, out var list) ? [.. list.EnumerateArray().Select(name => name.GetString() ?? "")] : [];
            return new(root.GetProperty("sequence"u8).GetInt64(), isEmpty, buffers.Count > 0 ? buffers[0] : default, blobs, lost, null, large, ReplyOf(root))
            {
                CellDefault = root.TryGetProperty("cell_default"u8, out var set) ? new() { Request = RequestOf(set) } : new(),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return Failed($"its message is malformed: {e.Message}");
        }
    }

    /// <summary>Why its large memory was not kept, for the user.</summary>
    public string Explain(DiskShortage shortage) =>
        Large.IsDefaultOrEmpty ? shortage.ToString() : $"{shortage} (it is for {string.Join(", ", Large)})";

    /// <summary>Reads the one in a message from the process.</summary>
    public static StateMessage Read(JupyterFrame frame) => Read(frame.Content.Span, [.. frame.Buffers.Select(b => b.Memory)]);

    /// <summary>Reads the large memory of a message of type <see cref="BlobsType"/>, as a message that says nothing else.</summary>
    public static StateMessage ReadBlobs(JupyterFrame frame)
    {
        try
        {
            using var json = JsonDocument.Parse(frame.Content.Memory);
            var blobs = NamedBlobs(json.RootElement.GetProperty("blobs"u8), frame.Buffers.Select(b => b.Memory));
            return new(0, true, default, blobs, ImmutableSortedDictionary<string, string>.Empty, null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return Failed($"its message is malformed: {e.Message}");
        }
    }

    private static ImmutableArray<VerifiedChunk> NamedBlobs(JsonElement names, IEnumerable<ReadOnlyMemory<byte>> buffers)
    {
        ImmutableArray<VerifiedChunk> blobs = [.. buffers.Select(VerifiedChunk.Of)];
        var at = 0;
        foreach (var name in names.EnumerateArray().Take(blobs.Length))
        {
            if (blobs[at].Ref.Hash.ToString() != name.GetString()) throw new FormatException($"blob {at + 1} is not what its name says");
            at++;
        }

        return at == blobs.Length ? blobs : throw new FormatException($"{blobs.Length} blobs come with {at} names");
    }

    private static Resources RequestOf(JsonElement set)
    {
        var request = new Resources
        {
            Gpus = set.GetProperty("gpus"u8).GetInt32(),
            GpuMemoryGb = set.GetProperty("vram"u8).GetDouble(),
            MilliCpus = set.GetProperty("cpus"u8).GetInt32(),
            MemoryMb = set.GetProperty("memory"u8).GetInt64(),
        };
        return request is { Gpus: >= 0 and <= MaxGpus, GpuMemoryGb: >= 0 and <= MaxAmount, MilliCpus: >= 0, MemoryMb: >= 0 and <= (long)MaxAmount }
            ? request
            : throw new FormatException($"no cell can get {request}");
    }

    private static byte[] ReplyOf(JsonElement root)
    {
        if (!root.TryGetProperty("reply"u8, out var reply) || reply.ValueKind == JsonValueKind.Null) return [];
        var bytes = Encoding.UTF8.GetBytes(reply.GetString()!);
        if (bytes.Length > EndedCell.MaxReplyBytes) return [];
        using var content = JsonDocument.Parse(bytes);
        return content.RootElement.ValueKind == JsonValueKind.Object ? bytes : throw new FormatException("its reply is no JSON object");
    }

    private static StateMessage Failed(string error) => new(0, false, default, [], ImmutableSortedDictionary<string, string>.Empty, error);
}
