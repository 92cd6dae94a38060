using System.Text.Json.Nodes;
using Notebook.Cli.Supervision;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Status;

/// <summary>
/// What <c>status --json</c> says. Programs read it: fields are added, never renamed. The processes are from the
/// supervisor's record, everything else from the silo as it says it.
/// </summary>
internal static class StatusReport
{
    private static readonly string[] FromSilo = ["servers", "kernels", "cells", "queue"];

    /// <summary>Puts it together.</summary>
    /// <param name="record">What runs; null when nothing was ever started.</param>
    /// <param name="cluster">The silo's answer; null when it gave none.</param>
    /// <param name="added">The servers that the silo added on this machine.</param>
    public static JsonObject Of(RunRecord? record, JsonObject? cluster, IEnumerable<LocalServer>? added = null)
    {
        var report = new JsonObject
        {
            ["processes"] = new JsonArray(
            [
                .. (record?.Processes ?? []).Where(p => IsShown(record!, p)).Select(Process),
                .. (added ?? []).Where(s => s.Process is { IsAlive: true }).Select(s => Process(AsChild(s, cluster))),
            ]),
        };
        foreach (var part in FromSilo) report[part] = cluster?[part]?.DeepClone() ?? new JsonArray();
        foreach (var (name, value) in cluster ?? []) report.TryAdd(name, value?.DeepClone());
        return report;
    }

    // A dead supervisor's word on a dead process is old news.
    private static bool IsShown(RunRecord record, ChildRecord child) => record.IsSupervised || child.Process is { IsAlive: true };

    // Which port it took is known to those who reach it.
    private static ChildRecord AsChild(LocalServer server, JsonObject? cluster)
    {
        var known = (cluster?["servers"] as JsonArray ?? []).FirstOrDefault(s => (string?)s?["id"] == server.Id);
        var address = ((string?)known?["address"] ?? "").Replace("ws://", "http://", StringComparison.Ordinal);
        return new("agent", server.Id, address, ChildState.Up, server.Process);
    }

    private static JsonNode Process(ChildRecord child) => new JsonObject
    {
        ["role"] = child.Role,
        ["id"] = child.Id,
        ["pid"] = child.Process?.Pid ?? 0,
        ["address"] = child.Address,
        ["state"] = child.State.ToString().ToLowerInvariant(),
    };
}
