using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Gpu;

namespace Notebook.Cli.Gpus;

/// <summary>
/// What <c>gpus --json</c> says. Programs read it: fields are added, never renamed. This machine's GPUs are as its driver says,
/// those of the platform's servers as the silo says.
/// </summary>
internal static class GpuReport
{
    /// <summary>Puts it together.</summary>
    /// <param name="machine">This machine.</param>
    /// <param name="cluster">The silo's answer; null when none runs.</param>
    public static JsonObject Of(MachineGpus machine, JsonObject? cluster) => new()
    {
        ["driver"] = machine.Driver is { } driver
            ? new JsonObject { ["version"] = driver.Version, ["cuda"] = driver.Cuda, ["lacks"] = Missing(driver.Lacks) }
            : null,
        ["reason"] = machine.Why?.Message,
        ["gpus"] = new JsonArray([.. machine.Inventory.Select(gpu => Gpu(gpu, machine.Now.Gpus.FirstOrDefault(s => s.Index == gpu.Index)))]),
        ["unusable"] = new JsonArray([.. machine.Unusable.Select(Unusable)]),
        ["servers"] = new JsonArray([.. (cluster?["servers"] as JsonArray ?? []).OfType<JsonObject>().Select(Server)]),
    };

    private static JsonObject Gpu(GpuDevice gpu, GpuSample? now) => new()
    {
        ["index"] = gpu.Index,
        ["uuid"] = gpu.Uuid,
        ["kind"] = gpu.Kind,
        ["name"] = gpu.Name,
        ["memory_mb"] = gpu.MemoryMb,
        ["compute_capability"] = gpu.ComputeCapability,
        ["pci_bus_id"] = gpu.PciBusId,
        ["switch_links"] = gpu.SwitchLinks,
        ["peers"] = JsonSerializer.SerializeToNode(gpu.Peers, Json.Options),
        ["now"] = now is null ? null : Now(now),
        ["missing"] = Missing(gpu.Missing.Concat(now?.Missing ?? [])),
    };

    private static JsonObject Now(GpuSample now) => new()
    {
        ["lost"] = now.Lost?.Message,
        ["busy_percent"] = now.BusyPercent,
        ["memory_busy_percent"] = now.MemoryBusyPercent,
        ["memory_used_bytes"] = now.Memory?.Used,
        ["memory_total_bytes"] = now.Memory?.Total,
        ["power_milliwatts"] = now.PowerMilliwatts,
        ["power_limit_milliwatts"] = now.PowerLimitMilliwatts,
        ["temperature_celsius"] = now.TemperatureCelsius,
        ["sm_clock_mhz"] = now.SmClockMhz,
        ["memory_clock_mhz"] = now.MemoryClockMhz,
        ["clock_limits"] = JsonSerializer.SerializeToNode(now.ClockLimits, Json.Options),
        ["corrected_errors"] = now.CorrectedErrors,
        ["uncorrected_errors"] = now.UncorrectedErrors,
        ["lifetime_uncorrected_errors"] = now.LifetimeUncorrectedErrors,
        ["processes"] = JsonSerializer.SerializeToNode(now.Processes, Json.Options),
    };

    private static JsonNode Unusable(UnusableGpu gpu) => new JsonObject { ["index"] = gpu.Index, ["uuid"] = gpu.Uuid, ["reason"] = gpu.Why.Message };

    private static JsonNode Server(JsonObject server) =>
        new JsonObject { ["id"] = server["id"]?.DeepClone(), ["gpus"] = server["gpus"]?.DeepClone() ?? new JsonArray() };

    private static JsonArray Missing(IEnumerable<MissingReading> missing) =>
        new([.. missing.Select(m => new JsonObject { ["what"] = m.What, ["reason"] = m.Why.Message })]);
}
