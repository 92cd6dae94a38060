using System.Buffers;
using System.Text.Json;
using Notebook.JupyterWire;

namespace Notebook.Agent.Processes;

/// <summary>What is different about a kernel process that is not ours: it knows Jupyter's messages alone.</summary>
/// <param name="InterruptsByMessage">Whether it takes <c>interrupt_request</c>.</param>
internal sealed record ForeignKernel(bool InterruptsByMessage)
{
    /// <summary>
    /// A message that it sent, in the session of its kernel: it has made one of its own, and clients take another one than that
    /// of the gateway's messages for another kernel.
    /// </summary>
    /// <exception cref="JupyterFormatException">Its header cannot be read.</exception>
    public static JupyterMessage InSession(JupyterMessage message, string session)
    {
        try
        {
            using var header = JsonDocument.Parse(message.Header);
            var written = new ArrayBufferWriter<byte>(message.Header.Length + session.Length);
            using (var json = new Utf8JsonWriter(written))
            {
                json.WriteStartObject();
                foreach (var property in header.RootElement.EnumerateObject().Where(property => !property.NameEquals("session"u8))) property.WriteTo(json);
                json.WriteString("session"u8, session);
                json.WriteEndObject();
            }

            return message with { Header = written.WrittenMemory };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new JupyterFormatException($"a header cannot be read: {e.Message}", e);
        }
    }
}
