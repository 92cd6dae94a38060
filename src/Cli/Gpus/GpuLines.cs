using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Cli.Gpus;

/// <summary>Shows a report on GPUs to a person: one line for each GPU, and one where there is none.</summary>
internal static class GpuLines
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Of(JsonObject report) =>
    [
        .. Driver(report),
        .. Items(report, "gpus").Select(Machine),
        .. Items(report, "unusable").Select(gpu => $"GPU {gpu["index"]}  cannot be leased: {gpu["reason"]}"),
        .. Items(report, "servers").SelectMany(Server),
    ];

    /// <summary>Whether there is any GPU in it.</summary>
    public static bool HasAny(JsonObject report) =>
        Items(report, "gpus").Any() || Items(report, "servers").Any(server => Items(server, "gpus").Any());

    private static IEnumerable<string> Driver(JsonObject report)
    {
        if (report["driver"] is not JsonObject driver)
        {
            yield return $"this machine has no GPU: {report["reason"]}";
            yield break;
        }

        yield return $"NVIDIA driver {driver["version"] ?? "of an unknown version"}, CUDA {driver["cuda"] ?? "of an unknown version"}";
        foreach (var lack in Items(driver, "lacks")) yield return $"it lacks {lack["what"]}: {lack["reason"]}";
        if (!Items(report, "gpus").Any() && !Items(report, "unusable").Any()) yield return "this machine has no GPU: the driver names none, or CUDA_VISIBLE_DEVICES none of them";
    }

    private static string Machine(JsonObject gpu) => gpu["now"] is JsonObject { } now
        ? now["lost"] is { } lost ? $"{What(gpu)}  {lost}" : $"{What(gpu)}{Figures(now)}  {gpu["uuid"]}"
        : $"{What(gpu)}  {gpu["uuid"]}";

    private static string What(JsonObject gpu) => $"GPU {gpu["index"]}  {gpu["name"]}  {gpu["memory_mb"]} MB";

    // A figure that is missing is not shown; --json says why.
    private static string Figures(JsonObject now) => string.Concat(
        now["busy_percent"] is { } busy ? $"  {busy} % busy" : "",
        now["memory_used_bytes"] is { } used ? $"  {Scaled(used, 1e6)} MB used" : "",
        now["power_milliwatts"] is { } power ? $"  {Scaled(power, 1e3)} W" : "",
        now["temperature_celsius"] is { } temperature ? $"  {temperature} °C" : "",
        now["processes"] is JsonArray processes ? $"  {processes.Count} processes" : "");

    private static IEnumerable<string> Server(JsonObject server)
    {
        var gpus = Items(server, "gpus").ToList();
        return gpus.Count == 0
            ? [$"{server["id"]}  no GPU"]
            : gpus.Select(gpu => $"{server["id"]}  {What(gpu)}  {gpu["kind"]}  {(gpu["leased_by"] is { } kernel ? $"leased by {kernel}" : "free")}  {gpu["uuid"]}");
    }

    private static string Scaled(JsonNode value, double unit) => (value.GetValue<long>() / unit).ToString("0", CultureInfo.InvariantCulture);

    private static IEnumerable<JsonObject> Items(JsonObject of, string list) => (of[list] as JsonArray ?? []).OfType<JsonObject>();
}
