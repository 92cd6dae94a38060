using System.Text.Json.Nodes;

namespace Notebook.Rig.Platform;

/// <summary>What <c>notebook status --json</c> says.</summary>
public sealed class PlatformStatus(JsonNode json)
{
    public JsonNode Json => json;

    public IReadOnlyList<ProcessStatus> Processes { get; } = [.. Items(json, "processes").Select(p =>
        new ProcessStatus(Text(p, "role"), Text(p, "id"), (int?)p["pid"] ?? 0, Text(p, "address")))];

    public IReadOnlyList<ServerStatus> Servers { get; } = [.. Items(json, "servers").Select(s =>
        new ServerStatus(Text(s, "id"), Text(s, "state"), (int?)s["pid"] ?? 0, [.. Items(s, "gpus").Select(g =>
            new GpuStatus(Text(g, "kind"), Text(g, "leased_by")))], (int?)(s["load"]?["warm_processes"] ?? s["warm_processes"]) ?? 0,
            [.. (s["storage"] is { } storage ? Items(storage, "faults") : []).Select(fault => fault.ToString())]))];

    public IReadOnlyList<KernelStatus> Kernels { get; } = [.. Items(json, "kernels").Select(k =>
        new KernelStatus(Text(k, "id"), Text(k, "state"), Text(k, "executor"), [.. Items(k, "replicas").Select(r =>
            new ReplicaStatus(Text(r, "id"), Text(r, "server"), Text(r, "role"), Text(r, "standby"), (int?)r["pid"] ?? 0, r["pid"] is null))], (bool?)k["state_safe"] ?? false, Text(k, "durability"), [.. Items(k, "unreplicated").Select(n => n.ToString())]))];

    /// <summary>The process with this role, the first of them.</summary>
    public ProcessStatus Process(string role) => Processes.First(p => p.Role == role);

    public KernelStatus Kernel(string id) => Kernels.First(k => k.Id == id);

    /// <summary>The replica that runs, or would run, the kernel's cells; null while there is none.</summary>
    public ReplicaStatus? Executor(string kernel) =>
        Kernels.FirstOrDefault(k => k.Id == kernel) is { } k ? k.Replicas.FirstOrDefault(r => r.Id == k.Executor || r.Server == k.Executor) : null;

    public override string ToString() => json.ToJsonString();

    private static IEnumerable<JsonNode> Items(JsonNode node, string name) => (node[name] as JsonArray)?.OfType<JsonNode>() ?? [];

    private static string Text(JsonNode node, string name) => node[name]?.ToString() ?? "";
}

public sealed record ProcessStatus(string Role, string Id, int Pid, string Address);

public sealed record ServerStatus(string Id, string State, int Pid, IReadOnlyList<GpuStatus> Gpus, int Warm, IReadOnlyList<string> StorageFaults);

public sealed record GpuStatus(string Kind, string LeasedBy);

public sealed record KernelStatus(string Id, string State, string Executor, IReadOnlyList<ReplicaStatus> Replicas, bool StateSafe, string Durability, IReadOnlyList<string> Unreplicated);

public sealed record ReplicaStatus(string Id, string Server, string Role, string Standby, int Pid, bool PidIsNull = false);
