using System.Globalization;
using System.Text.Json.Serialization;

namespace Notebook.Gateway.Http;

/// <summary>A kernel as Jupyter's REST API shows it.</summary>
internal sealed record KernelModel(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("last_activity")] string LastActivity,
    [property: JsonPropertyName("execution_state")] string ExecutionState,
    [property: JsonPropertyName("connections")] int Connections,
    [property: JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonPropertyName("replicated"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Replicated = null)
{
    public static KernelModel Of(KernelView view, int connections) => new(
        view.Kernel.Value, view.Definition.SpecName, Time(view.LastActivity), State(view.State), connections, view.Reason,
        view.Definition.IsForeign ? false : null);

    /// <summary>As Jupyter's own servers read it: six digits of a second, and <c>Z</c>.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string State(KernelState state) => state switch
    {
        KernelState.Starting => "starting",
        KernelState.Idle => "idle",
        KernelState.Busy => "busy",
        KernelState.Dead => "dead",
        _ => "unknown",
    };
}
