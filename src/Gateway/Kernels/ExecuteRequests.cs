using System.Text.Json;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <summary>What scheduling reads of requests: nothing else in them is looked at.</summary>
internal static class ExecuteRequests
{
    /// <summary>
    /// Reads <c>content.stop_on_error</c> and <c>metadata.resource_request</c>, which is an object of
    /// <c>gpus</c> (whole ones), <c>vram</c> (GB over all of them), <c>cpus</c> (thousandths of a core) and
    /// <c>memory</c> (MB), each optional.
    /// </summary>
    public static bool TryRead(in SocketMessage message, out ResourceRequest? resources, out bool stopOnError, out string? fault)
    {
        stopOnError = FlagOf(message.Content.Span, "stop_on_error"u8) ?? true;
        resources = null;
        fault = null;
        if (message.Metadata.Length <= 2) return true;   // {}
        try
        {
            using var metadata = JsonDocument.Parse(message.Metadata);
            if (!metadata.RootElement.TryGetProperty("resource_request"u8, out var asked) || asked.ValueKind == JsonValueKind.Null) return true;
            fault = ResourceRequests.TryRead(asked, out resources);
        }
        catch (JsonException e)
        {
            fault = $"the request's metadata cannot be read: {e.Message}";
        }

        return fault is null;
    }

    /// <summary><c>content.restart</c> of a <c>shutdown_request</c>.</summary>
    public static bool WantsRestart(ReadOnlySpan<byte> content) => FlagOf(content, "restart"u8) ?? false;

    private static bool? FlagOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found && reader.TokenType is JsonTokenType.True or JsonTokenType.False) return reader.GetBoolean();
            reader.Skip();
        }

        return null;
    }
}
