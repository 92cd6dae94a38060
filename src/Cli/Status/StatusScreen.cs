using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Notebook.Cli.Status;

/// <summary>Shows a status report to a person.</summary>
internal static class StatusScreen
{
    /// <summary>Makes tables of a report.</summary>
    public static IRenderable Render(JsonObject report) => new Rows(
        Table("processes", ["process", "state", "pid", "address"], report, p => [Text(p, "id"), Text(p, "state"), Text(p, "pid"), Text(p, "address")]),
        Policies(report),
        Table("servers", ["server", "state", "GPUs", "kind", "replicas", "promised", "warm", "address"], report, s =>
            [Text(s, "id"), State(s), Gpus(s), Kinds(s), Count(s, "replicas"), Ratio(s), Warm(s), Text(s, "address")]),
        Faults(report),
        ScalingLines.Of(report),
        Table("kernels", ["kernel", "name", "user", "state", "replicas (* runs cells)", "standbys", "durability", "cells"], report, k =>
            [Text(k, "id"), Text(k, "name"), Text(k, "user"), KernelState(k), Replicas(k), Text(k, "standbys"), Text(k, "durability"), Count(k, "queue")]),
        Reasons(report),
        Table("cells", ["kernel", "execution", "state", "server", "GPUs"], report, c =>
            [Text(c, "kernel"), Text(c, "execution"), Text(c, "state"), Text(c, "server"), Text(c, "gpus")]),
        Table("queue", ["kernel", "execution", "waits for"], report, c => [Text(c, "kernel"), Text(c, "execution"), Text(c, "waiting_for")]),
        Table("moves", ["replica", "to server", "why"], report, m => [Text(m, "replica"), Text(m, "server"), Text(m, "reason")]));

    private static Rows Policies(JsonObject report)
    {
        var policies = (report["policies"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (policies.Count == 0) return new Rows();
        return new Rows(
        [
            new Text($"\nregime {report["regime"]}: {string.Join(", ", policies.Select(p => $"{p["kind"]} {p["name"]}"))}"),
            .. policies.Where(p => p["last_fault"] is not null).Select(p => new Text(
                $"{p["kind"]} policy {p["name"]} of {p["origin"]} failed {p["faults"]} times, the default decided instead: {p["last_fault"]}",
                new Style(Color.Red))),
        ]);
    }

    private static Rows Faults(JsonObject report) => new(
        from server in report["servers"] as JsonArray ?? []
        from fault in server?["storage"]?["faults"] as JsonArray ?? []
        select new Text($"{server["id"]}: {fault}", new Style(Color.Red)));

    private static Rows Reasons(JsonObject report) => new(
        from kernel in report["kernels"] as JsonArray ?? []
        where kernel?["reason"] is not null
        select new Text($"{kernel["id"]}: {kernel["reason"]}", new Style(Color.Red)));

    private static IRenderable Table(string part, string[] columns, JsonObject report, Func<JsonNode, string[]> row)
    {
        if (report[part] is not JsonArray { Count: > 0 } items) return new Padder(new Markup($"[grey]no {part}[/]"), new Padding(1, 1, 0, 0));
        var table = new Table().Border(TableBorder.None).AddColumns(columns);
        foreach (var column in table.Columns) column.NoWrap().PadRight(2);
        foreach (var item in items.OfType<JsonObject>().OrderBy(i => Text(i, "id"), StringComparer.Ordinal)) table.AddRow([.. row(item).Select(cell => new Text(cell))]);
        return part == "processes" ? table : new Padder(table, new Padding(0, 1, 0, 0));
    }

    private static string Text(JsonNode item, string field) => item[field] switch
    {
        null => "",
        JsonArray list => string.Join(' ', list.Select(i => i?.ToString())),
        var value => value.ToString(),
    };

    private static string KernelState(JsonNode kernel) => kernel["reclaimed"] is null ? Text(kernel, "state") : $"{Text(kernel, "state")}, reclaimed";

    private static string Count(JsonNode item, string field) => item[field] is JsonArray list ? $"{list.Count}" : Text(item, field);

    private static string Gpus(JsonNode server)
    {
        var gpus = server["gpus"] as JsonArray ?? [];
        return $"{gpus.Count(g => g?["leased_by"] is not null)} of {gpus.Count} leased";
    }

    private static string Kinds(JsonNode server) =>
        string.Join(", ", (server["gpus"] as JsonArray ?? []).Select(g => (string?)g?["kind"]).Distinct());

    private static string State(JsonNode server) =>
        server["draining"] is { } draining && (bool)draining ? $"{Text(server, "state")}, draining" : Text(server, "state");

    private static string Ratio(JsonNode server) =>
        server["subscription_ratio"] is { } ratio ? ((double)ratio).ToString("0.00", CultureInfo.InvariantCulture) : "";

    private static string Warm(JsonNode server) => server["pool"] is { } pool
        ? $"{pool["warm"]} of {pool["target"]}, hits {pool["hits"]}, misses {pool["misses"]}"
        : server["load"]?["warm_processes"]?.ToString() ?? "";

    private static string Replicas(JsonNode kernel) =>
        string.Join(' ', (kernel["replicas"] as JsonArray ?? []).Select(r => $"{r?["server"]}{((string?)r?["role"] == "executor" ? "*" : "")}"));
}
