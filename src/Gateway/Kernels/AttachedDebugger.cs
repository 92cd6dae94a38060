using System.Text.Json;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// At which of a kernel's processes a debugger is attached, by what the process answered. What it knows ends with that process
/// or when another one becomes the executor, and its client has to hear of it. Not safe for threads.
/// </summary>
internal sealed class AttachedDebugger
{
    private ReplicaRoute? _at;

    /// <summary>Takes note of what a replica says.</summary>
    public void Hear(JupyterFrame frame, ReplicaRoute route)
    {
        if (frame is not { Channel: Channel.Control, MessageType: "debug_reply" }) return;
        switch (SucceededCommand(frame.Content.Memory))
        {
            case "attach":
                _at = route;
                break;
            case "disconnect" when _at == route:
                _at = null;
                break;
        }
    }

    /// <summary>The process behind a route is not the executor any more.</summary>
    /// <returns>Whether a debugger was attached there.</returns>
    public bool Leave(ReplicaRoute route)
    {
        if (_at != route) return false;
        _at = null;
        return true;
    }

    private static string? SucceededCommand(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            var reply = json.RootElement;
            return reply.ValueKind == JsonValueKind.Object
                && reply.TryGetProperty("success"u8, out var success) && success.ValueKind == JsonValueKind.True
                && reply.TryGetProperty("command"u8, out var command) && command.ValueKind == JsonValueKind.String ? command.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;   // a process's word is input
        }
    }
}
