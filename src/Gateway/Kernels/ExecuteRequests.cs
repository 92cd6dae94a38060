using System.Text.Json;
using Notebook.JupyterWire;
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
            var found = JsonNames.Is(reader, "restart"u8);
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
            var (isCode, isStop) = (JsonNames.Is(reader, "code"u8), JsonNames.Is(reader, "stop_on_error"u8));
            reader.Read();
            if (isCode && reader.TokenType == JsonTokenType.String) magic = GpuMagic.Read(CodeHead.Read(reader.ValueSpan));
            if (isStop && reader.TokenType is JsonTokenType.True or JsonTokenType.False) stopOnError = reader.GetBoolean();
            reader.Skip();
        }
    }

    private static string? ReadMetadata(ReadOnlyMemory<byte> json, out ResourceRequest? resources)
    {
        resources = null;
        var reader = Begin(json.Span);
        JsonElement? asked = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = JsonNames.Is(reader, "resource_request"u8);
            reader.Read();
            if (found) asked = JsonElement.ParseValue(ref reader);
            else reader.Skip();
        }

        return asked is { ValueKind: not JsonValueKind.Null } request ? ResourceRequests.TryRead(request, out resources) : null;
    }

    private static Utf8JsonReader Begin(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        return reader;
    }
}
