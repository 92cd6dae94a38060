using System.Text.Json;
using Notebook.JupyterWire;

namespace Notebook.Agent.Processes;

/// <summary>What makes a waiting process a kernel: content of <c>notebook_assign</c>.</summary>
internal sealed record KernelAssignment(
    string Session, string KernelId, string Username, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment,
    string Server, string ObjectsFolder, int Incarnation)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("session"u8, Session);
        json.WriteString("kernel_id"u8, KernelId);
        json.WriteNumber("incarnation"u8, Incarnation);
        json.WriteString("username"u8, Username);
        json.WriteString("working_directory"u8, WorkingDirectory);
        json.WriteStartObject("environment"u8);
        foreach (var (name, value) in Environment) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartObject("state"u8);
        json.WriteString("origin"u8, Server);
        json.WriteString("objects"u8, ObjectsFolder);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Why the process refused; null when it did not.</summary>
    public static string? Fault(JupyterMessage reply)
    {
        using var content = JsonDocument.Parse(reply.Content);
        return content.RootElement.GetProperty("status").GetString() == "ok" ? null : content.RootElement.GetProperty("evalue").GetString();
    }
}
