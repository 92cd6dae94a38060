using System.Text;
using System.Text.Json;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Doors;

/// <summary>
/// The topics of messages on iopub, which ZMQ subscribers may choose by: what ipykernel publishes under, and clients of
/// long standing rely on. Jupyter's protocol leaves them to the kernel.
/// </summary>
internal static class IopubTopics
{
    private const string Display = "display_data";

    /// <summary>The topic of a message.</summary>
    /// <param name="kernel">The kernel that it is of.</param>
    /// <param name="message">The message.</param>
    public static byte[] Of(KernelId kernel, OutMessage message) => Encoding.UTF8.GetBytes(message.Type switch
    {
        "stream" => $"stream.{TextOf(message, "name") ?? "stdout"}",
        Display or "update_display_data" or "clear_output" => Display,
        "comm_open" or "comm_msg" or "comm_close" => $"comm-{TextOf(message, "comm_id")}",
        _ => $"kernel.{kernel}.{message.Type}",
    });

    // The first member of that name; content may be large, and is not read to its end.
    private static string? TextOf(OutMessage message, string name)
    {
        var json = new Utf8JsonReader(message.Parts.Content.Span);
        try
        {
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1) continue;
                var found = json.ValueTextEquals(name);
                json.Read();
                if (found) return json.TokenType == JsonTokenType.String ? json.GetString() : null;
                json.Skip();
            }
        }
        catch (JsonException)
        {
            // A kernel's fault; who subscribes to everything gets it all the same.
        }

        return null;
    }
}
