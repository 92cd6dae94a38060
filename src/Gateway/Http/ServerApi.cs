using System.Reflection;
using Notebook.Gateway.Cluster;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Http;

/// <summary>What is asked about the gateway itself.</summary>
internal sealed class ServerApi(ControlPlane control, KernelHubs hubs, GatewayCounters counters, TimeProvider time)
{
    private static readonly string s_version =
        typeof(ServerApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    private readonly DateTimeOffset _started = time.GetUtcNow();

    public static void Map(WebApplication app)
    {
        app.MapGet("/api", () => Results.Json(new { version = s_version }));
        app.MapGet("/api/spec.yaml", () => Results.Stream(
            typeof(ServerApi).Assembly.GetManifestResourceStream("spec.yaml")!, "text/x-yaml"));
        app.MapGet("/api/status", (ServerApi api) => api.StatusAsync());
        app.MapGet("/api/me", () => Results.Json(new
        {
            identity = new { username = "default", name = "default", display_name = "default", initials = (string?)null, avatar_url = (string?)null, color = (string?)null },
            permissions = new { },
        }));
        app.MapGet("/healthz", () => Results.Text("ok\n"));
        app.MapGet("/admin/counters", (ServerApi api) => Results.Json(api.Counters));
    }

    private IReadOnlyDictionary<string, long> Counters => counters.All;

    private async Task<IResult> StatusAsync()
    {
        var views = await control.CallAsync(g => g.Cluster.Kernels());
        var last = views.Select(v => v.LastActivity).Append(_started).Max();
        return Results.Json(new
        {
            connections = hubs.Connections,
            kernels = views.Length,
            last_activity = KernelModel.Time(last),
            started = KernelModel.Time(_started),
        });
    }
}
