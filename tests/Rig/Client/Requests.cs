using System.Text;
using System.Text.Json.Nodes;
using Notebook.JupyterWire;

namespace Notebook.Rig.Client;

/// <summary>Makes the requests of one client.</summary>
public sealed class Requests(string session)
{
    public string Session => session;

    /// <summary>A request and its <c>msg_id</c>.</summary>
    public (string Id, JupyterMessage Message) Make(string type, JsonObject? content = null, JsonObject? metadata = null)
    {
        var id = MessageBuilder.NewId();
        var header = MessageBuilder.WriteHeader(id, type, session, "rig", TimeProvider.System.GetUtcNow());
        return (id, new JupyterMessage(header, "{}"u8.ToArray(), Json(metadata), Json(content), []));
    }

    /// <summary>The content of an <c>execute_request</c>.</summary>
    public static JsonObject Execute(string code, bool allowStdin = false, bool stopOnError = true) => new()
    {
        ["code"] = code,
        ["silent"] = false,
        ["store_history"] = true,
        ["user_expressions"] = new JsonObject(),
        ["allow_stdin"] = allowStdin,
        ["stop_on_error"] = stopOnError,
    };

    private static byte[] Json(JsonObject? json) => Encoding.UTF8.GetBytes(json?.ToJsonString() ?? "{}");
}
