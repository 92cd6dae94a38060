namespace Notebook.Contracts;

/// <summary>One GPU, as an agent reports it.</summary>
/// <param name="Index">Its index on the server, from 0.</param>
/// <param name="Uuid">Its UUID; made up for simulated ones.</param>
/// <param name="Kind"><c>nvidia</c> or <c>simulated</c>.</param>
/// <param name="Name">Its product name.</param>
/// <param name="MemoryMb">Its memory in MB.</param>
[GenerateSerializer, Immutable, Alias("notebook.gpu-info")]
public sealed record GpuInfo(
    [property: Id(0)] int Index,
    [property: Id(1)] string Uuid,
    [property: Id(2)] string Kind,
    [property: Id(3)] string Name,
    [property: Id(4)] long MemoryMb);

/// <summary>A kernelspec that a server can start.</summary>
/// <param name="Name">Its name, such as <c>python3</c>.</param>
/// <param name="DisplayName">What a launcher shows.</param>
/// <param name="Language">Its language, such as <c>python</c>.</param>
/// <param name="Resources">Logo and other files by their names (<c>logo-64x64.png</c>), base64 encoded; at most 256 KiB in all.</param>
[GenerateSerializer, Immutable, Alias("notebook.kernel-spec-info")]
public sealed record KernelSpecInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] string DisplayName,
    [property: Id(2)] string Language,
    [property: Id(3)] ImmutableDictionary<string, string> Resources)
{
    /// <summary>Whether it starts a kernel that is not ours, of whose variables there is no copy.</summary>
    [Id(4)]
    public bool IsForeign { get; init; }

    /// <summary>Its <c>metadata</c>, as a JSON object; at most 16 KiB.</summary>
    [Id(5)]
    public string Metadata { get; init; } = "{}";
}

/// <summary>How busy a server is.</summary>
/// <param name="CpuShare">Share of its CPU time in use, 0 to 1.</param>
/// <param name="MemoryUsedMb">Host memory in use in MB.</param>
/// <param name="MemoryTotalMb">Host memory in MB.</param>
/// <param name="WarmProcesses">Pre-warmed kernel processes that are ready.</param>
[GenerateSerializer, Immutable, Alias("notebook.server-load")]
public sealed record ServerLoad(
    [property: Id(0)] double CpuShare,
    [property: Id(1)] long MemoryUsedMb,
    [property: Id(2)] long MemoryTotalMb,
    [property: Id(3)] int WarmProcesses)
{
    /// <summary>What it keeps of kernels' states; null while that is not known.</summary>
    [Id(4)]
    public ServerStorage? Storage { get; init; }

    /// <summary>Its pools of warm processes; null while that is not known.</summary>
    [Id(5)]
    public PoolLoad? Pool { get; init; }
}

/// <summary>The pools of warm kernel processes of one server, all kernelspecs together, since its agent started.</summary>
/// <param name="Target">Processes that it keeps warm for each kernelspec.</param>
/// <param name="Hits">Starts that found a warm process.</param>
/// <param name="Misses">Starts that had to wait for one.</param>
/// <param name="StartTime">How long it takes to make a process, on average of the last ones; zero while unknown.</param>
/// <param name="HoldingTime">How long a place stays empty, from a start until another process is warm, on average of the last ones; zero while unknown.</param>
/// <param name="ProcessMemoryMb">Memory that a warm process takes for itself, in MB; 0 while unknown.</param>
[GenerateSerializer, Immutable, Alias("notebook.pool-load")]
public sealed record PoolLoad(
    [property: Id(0)] int Target,
    [property: Id(1)] long Hits,
    [property: Id(2)] long Misses,
    [property: Id(3)] TimeSpan StartTime,
    [property: Id(4)] TimeSpan HoldingTime,
    [property: Id(5)] long ProcessMemoryMb);

/// <summary>What a server keeps of kernels' states on its disk.</summary>
/// <param name="ObjectsBytes">Bytes of large values.</param>
/// <param name="ObjectsFreeBytes">Bytes of large values for which there is still room.</param>
/// <param name="Faults">What is wrong: no room, damage. For the operator.</param>
[GenerateSerializer, Immutable, Alias("notebook.server-storage")]
public sealed record ServerStorage(
    [property: Id(0)] long ObjectsBytes,
    [property: Id(1)] long ObjectsFreeBytes,
    [property: Id(2)] ImmutableArray<string> Faults);

/// <summary>What an agent says of itself whenever it connects.</summary>
/// <param name="Server">Its server's id.</param>
/// <param name="BootId">New with every start of the agent process: with an old one, its kernel processes ended too.</param>
/// <param name="ProcessId">Operating system id of the agent.</param>
/// <param name="DataAddress">Where gateways and other agents reach it, such as <c>ws://127.0.0.1:9001/</c>.</param>
/// <param name="Gpus">Its GPUs.</param>
/// <param name="KernelSpecs">What it can start.</param>
/// <param name="Load">How busy it is.</param>
/// <param name="Replicas">Every replica that it holds.</param>
[GenerateSerializer, Immutable, Alias("notebook.server-registration")]
public sealed record ServerRegistration(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] string BootId,
    [property: Id(2)] int ProcessId,
    [property: Id(3)] string DataAddress,
    [property: Id(4)] ImmutableArray<GpuInfo> Gpus,
    [property: Id(5)] ImmutableArray<KernelSpecInfo> KernelSpecs,
    [property: Id(6)] ServerLoad Load,
    [property: Id(7)] ImmutableArray<ReplicaReport> Replicas)
{
    /// <summary>Kernels' logs on its disk that no replica there has open.</summary>
    [Id(8)]
    public ImmutableArray<HeldLog> Logs { get; init; } = [];

    /// <summary>CPU in thousandths of a core.</summary>
    [Id(9)]
    public int MilliCpus { get; init; }
}

/// <summary>A kernel's log on a server's disk.</summary>
/// <param name="Replica">Whose it is.</param>
/// <param name="Incarnation">The kernel's incarnation.</param>
[GenerateSerializer, Immutable, Alias("notebook.held-log")]
public sealed record HeldLog([property: Id(0)] ReplicaId Replica, [property: Id(1)] int Incarnation);
