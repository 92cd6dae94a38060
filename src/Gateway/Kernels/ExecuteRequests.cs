using System.Text.Json;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <summary>What scheduling reads of requests: nothing else in them is looked at, and nothing is changed.</summary>
internal static class ExecuteRequests
{
    /// <summary>
    /// Reads <c>content.stop_on_error</c>, and what the cell asks for. That is what its code says with <c>%%gpu</c>, else
    /// <c>metadata.resource_request</c>: an object of <c>gpus</c> (whole ones), <c>vram</c> (GB over all of them),
    /// <c>cpus</c> (thousandths of a core) and <c>memory</c> (MB), each optional.
    /// </summary>
    /// <param name="message">The request.</param>
    /// <param name="resources">What it asks for; null when it says nothing.</param>
    /// <param name="stopOnError">Whether a failure of it ends the cells behind it.</param>
    /// <param name="fault">What is wrong with it, when false is returned.</param>
    public static bool TryRead(in SocketMessage message, out ResourceRequest? resources, out bool stopOnError, out string? fault)
    {
        ReadContent(message.Content.Span, out stopOnError, out var magic);
        fault = ReadMetadata(message.Metadata, out resources);
        switch (magic)
        {
            case GpuMagic.Wrong wrong:
                fault = wrong.Fault;
                break;
            case GpuMagic.Asks asks:
                resources = asks.Resources;
                break;
            case GpuMagic.Sets:
                resources ??= ResourceRequest.CpuOnly;   // so that who has set too much can set less
                break;
            default:
                break;
        }

        return fault is null;
    }

    /// <summary><c>content.restart</c> of a <c>shutdown_request</c>.</summary>
    public static bool WantsRestart(ReadOnlySpan<byte> content)
    {
        var reader = Begin(content);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("restart"u8);
            reader.Read();
            if (found) return reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }

        return false;
    }

    private static void ReadContent(ReadOnlySpan<byte> content, out bool stopOnError, out GpuMagic? magic)
    {
        (stopOnError, magic) = (true, null);
        var reader = Begin(content);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isCode, isStop) = (reader.ValueTextEquals("code"u8), reader.ValueTextEquals("stop_on_error"u8));
            reader.Read();
            if (isCode && reader.TokenType == JsonTokenType.String) magic = GpuMagic.Read(CodeHead.Read(reader.ValueSpan));
            if (isStop && reader.TokenType is JsonTokenType.True or JsonTokenType.False) stopOnError = reader.GetBoolean();
            reader.Skip();
        }
    }

    private static string? ReadMetadata(ReadOnlyMemory<byte> json, out ResourceRequest? resources)
    {
        resources = null;
        if (json.Length <= 2) return null;   // {}
        try
        {
            using var metadata = JsonDocument.Parse(json);
            return metadata.RootElement.TryGetProperty("resource_request"u8, out var asked) && asked.ValueKind != JsonValueKind.Null
                ? ResourceRequests.TryRead(asked, out resources)
                : null;
        }
        catch (JsonException e)
        {
            return $"the request's metadata cannot be read: {e.Message}";
        }
    }

    private static Utf8JsonReader Begin(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        return reader;
    }
}
