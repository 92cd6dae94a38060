using System.Text.Json.Nodes;
using Notebook.JupyterWire;

namespace Notebook.Rig.Client;

/// <summary>A message as a client has it: its channel, its headers read, its content read on demand.</summary>
public sealed class ClientMessage(string channel, JupyterMessage raw)
{
    private JsonObject? _content;

    /// <summary><c>shell</c>, <c>iopub</c>, <c>stdin</c> or <c>control</c>.</summary>
    public string Channel => channel;

    /// <summary>The parts as they came.</summary>
    public JupyterMessage Raw => raw;

    public JupyterHeader Header { get; } = JupyterHeader.Parse(raw.Header.Span);

    public JupyterHeader Parent { get; } = JupyterHeader.Parse(raw.ParentHeader.Span);

    public string Type => Header.MessageType;

    public JsonObject Content => _content ??= JsonNode.Parse(raw.Content.Span)!.AsObject();

    /// <summary>A text of the content, empty where it is missing.</summary>
    public string Text(string name) => Content[name]?.GetValue<string>() ?? "";

    /// <summary>Whether it says that the kernel's state is <paramref name="state"/>.</summary>
    public bool IsStatus(string state) => Channel == "iopub" && Type == "status" && Text("execution_state") == state;

    public override string ToString()
    {
        var content = System.Text.Encoding.UTF8.GetString(raw.Content.Span[..Math.Min(raw.Content.Length, 200)]);
        return $"{Channel} {Type} of {Parent.MessageType} {Parent.MessageId}: {content}";
    }
}
