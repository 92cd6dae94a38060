using System.Text.Json;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// The comms that a cell opened and that are open, such as those of widgets. Until the cell has its reply nobody but its
/// executor has them: if that is lost, its clients are told that they ended. Bounded. Not safe for threads.
/// </summary>
internal sealed class CellComms
{
    /// <summary>How many are noted; of more than that, the rest are closed when a client speaks to them.</summary>
    public const int Limit = 10_000;

    private readonly OrderedDictionary<string, bool> _open = [];

    /// <summary>Those that are open, in the order in which they were opened.</summary>
    public IReadOnlyList<string> Open => [.. _open.Keys];

    /// <summary>Takes note of what the cell says.</summary>
    public void Hear(JupyterFrame output)
    {
        if (output is not { Channel: Channel.Iopub, MessageType: "comm_open" or "comm_close" } || IdOf(output.Content.Span) is not { } id) return;
        if (output.MessageType == "comm_close") _open.Remove(id);
        else if (_open.Count < Limit) _open.TryAdd(id, true);
    }

    private static string? IdOf(ReadOnlySpan<byte> content)
    {
        try
        {
            var reader = new Utf8JsonReader(content);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("comm_id"u8);
                reader.Read();
                if (isId) return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The user's own message, which clients do not understand either.
        }

        return null;
    }
}
