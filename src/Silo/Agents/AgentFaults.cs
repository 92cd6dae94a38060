using Notebook.Links.Protocol;

namespace Notebook.Silo.Agents;

/// <summary>
/// Checks what agents send: it is input, not truth. Each answer is null when all is well, else what is wrong, for the
/// operator who reads it in the agent's log.
/// </summary>
internal static class AgentFaults
{
    private const int MaxIdLength = 256;
    private const int MaxReasonLength = 4096;
    private const int MaxAddressLength = 2048;
    private const int MaxGpus = 1024;
    private const int MaxSpecs = 256;
    private const int MaxSpecResources = 64;
    private const int MaxSpecResourceBytes = 256 << 10;
    private const int MaxSpecMetadata = 16 << 10;
    private const int MaxReplicas = 10_000;
    private const int MaxUnreplicated = 100;
    private const int MaxLogs = 100_000;
    private const int MaxStorageFaults = 16;
    private const long MaxMicroseconds = 86_400_000_000;

    /// <summary>What is wrong with a registration.</summary>
    /// <param name="register">The message.</param>
    /// <param name="id">Who the peer showed to be in the handshake.</param>
    public static string? Of(Register register, string id) =>
        register.Server != id ? $"it registers server '{Shown(register.Server)}', but connected as '{Shown(id)}'"
        : Length(register.Server, "server id") ?? Length(register.BootId, "boot id")
        ?? NotNegative(register.ProcessId, "process id")
        ?? NotNegative(register.MilliCpus, "amount of CPU")
        ?? Address(register.DataAddress)
        ?? AtMost(register.Gpus.Count, MaxGpus, "GPUs")
        ?? AtMost(register.KernelSpecs.Count, MaxSpecs, "kernelspecs")
        ?? AtMost(register.Replicas.Count, MaxReplicas, "replicas")
        ?? First(register.Gpus, Of)
        ?? (register.Gpus.DistinctBy(g => g.Index).Count() < register.Gpus.Count ? "two GPUs have the same index" : null)
        ?? First(register.KernelSpecs, Of)
        ?? (register.Load is null ? null : Of(register.Load))
        ?? First(register.Replicas, Of)
        ?? AtMost(register.Logs.Count, MaxLogs, "logs")
        ?? First(register.Logs, Of);

    private static string? Of(HeldLog held) => ReplicaId(held.Replica) ?? NotNegative(held.Incarnation, "incarnation");

    /// <summary>What is wrong with a heartbeat.</summary>
    public static string? Of(Load load) =>
        double.IsFinite(load.CpuShare) && load.CpuShare >= 0
            ? NotNegative(load.MemoryUsedMb, "memory in use") ?? NotNegative(load.MemoryTotalMb, "memory") ?? NotNegative(load.WarmProcesses, "warm processes")
                ?? NotNegative(load.ObjectsBytes, "bytes of large values") ?? NotNegative(load.ObjectsFreeBytes, "free bytes for large values")
                ?? AtMost(load.StorageFaults.Count, MaxStorageFaults, "storage faults")
                ?? First(load.StorageFaults, fault => AtMost(fault.Length, MaxReasonLength, "characters of a storage fault"))
                ?? (load.Pool is null ? null : Of(load.Pool))
            : $"its CPU share is {load.CpuShare}";

    private static string? Of(PoolLoad pool) =>
        NotNegative(pool.Target, "pool's target") ?? NotNegative(pool.Hits, "number of starts") ?? NotNegative(pool.Misses, "number of starts")
        ?? Lasting(pool.StartUs, "start time") ?? Lasting(pool.HoldingUs, "holding time") ?? NotNegative(pool.ProcessMemoryMb, "process memory");

    /// <summary>What is wrong with a report on a replica.</summary>
    public static string? Of(ReplicaReport report) =>
        ReplicaId(report.Replica)
        ?? NotNegative(report.Incarnation, "incarnation")
        ?? NotNegative(report.ProcessId, "process id")
        ?? (Enum.IsDefined(report.Phase) ? null : $"a replica is in phase {(int)report.Phase}, which this release does not know")
        ?? AtMost(report.Reason.Length, MaxReasonLength, "characters of a reason")
        ?? AtMost(report.Held.Length, MaxReasonLength, "characters of a reason")
        ?? (Enum.IsDefined(report.Standby) ? null : $"a replica is in standby mode {(int)report.Standby}, which this release does not know")
        ?? NotNegative(report.UnconfirmedBytes, "unconfirmed bytes")
        ?? NotNegative(report.StateBytes, "size of a state")
        ?? AtMost(report.Unreplicated.Count, MaxUnreplicated, "unreplicated values")
        ?? AtMost(report.Unreplicated.Sum(name => name.Length), MaxUnreplicated * MaxIdLength, "characters of unreplicated values")
        ?? (report.LastExecution is null ? null : Of(report.LastExecution));

    private static string? Of(ExecutionReport report) =>
        Length(report.MessageId, "message id")
        ?? NotNegative(report.Execution, "execution")
        ?? NotNegative(report.Epoch, "epoch")
        ?? (Enum.IsDefined(report.Phase) ? null : $"an execution is in phase {(int)report.Phase}, which this release does not know")
        ?? AtMost(report.Reason.Length, MaxReasonLength, "characters of a reason")
        ?? AgentMessages.ToRecord(report.CellDefault?.Request)?.Fault;

    private static string? Of(Gpu gpu) =>
        NotNegative(gpu.Index, "GPU index")
        ?? Length(gpu.Uuid, "GPU uuid")
        ?? (gpu.Kind is "nvidia" or "simulated" ? null : $"a GPU is of kind '{Shown(gpu.Kind)}', known are nvidia and simulated")
        ?? AtMost(gpu.Name.Length, MaxIdLength, "characters of a GPU name")
        ?? NotNegative(gpu.MemoryMb, "GPU memory");

    private static string? Of(KernelSpec spec) =>
        Length(spec.Name, "kernelspec name")
        ?? AtMost(spec.DisplayName.Length, MaxIdLength, "characters of a display name")
        ?? AtMost(spec.Language.Length, MaxIdLength, "characters of a language")
        ?? AtMost(spec.Metadata.Length, MaxSpecMetadata, "characters of a kernelspec's metadata")
        ?? AtMost(spec.Resources.Count, MaxSpecResources, "files of a kernelspec")
        ?? AtMost(spec.Resources.Sum(r => (long)r.Key.Length + r.Value.Length), MaxSpecResourceBytes, "bytes of a kernelspec's files");

    private static string? First<T>(IEnumerable<T> items, Func<T, string?> faultOf) => items.Select(faultOf).FirstOrDefault(f => f is not null);

    private static string? Length(string text, string what) =>
        text.Length is > 0 and <= MaxIdLength ? null : $"a {what} has 1 to {MaxIdLength} characters, not {text.Length}";

    private static string? NotNegative(long value, string what) => value >= 0 ? null : $"a {what} is negative ({value})";

    private static string? Lasting(long microseconds, string what) =>
        microseconds is >= 0 and <= MaxMicroseconds ? null : $"a {what} is {microseconds} us, at most a day is taken";

    private static string? AtMost(long count, int limit, string what) => count <= limit ? null : $"it sends {count} {what}, at most {limit} are taken";

    private static string? Address(string address) =>
        address.Length <= MaxAddressLength && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss"
            ? null
            : $"its data address '{Shown(address)}' is no ws:// or wss:// address";

    private static string? ReplicaId(string id) =>
        Length(id, "replica id") ?? (IsReplicaId(id) ? null : $"'{Shown(id)}' is no replica id: it must be KERNEL/NUMBER");

    private static bool IsReplicaId(string id)
    {
        var slash = id.LastIndexOf('/');
        return slash > 0 && int.TryParse(id.AsSpan(slash + 1), System.Globalization.CultureInfo.InvariantCulture, out var number) && number > 0;
    }

    private static string Shown(string text) => text.Length <= 64 ? text : $"{text[..64]}...";
}
