namespace Notebook.Contracts;

/// <summary>What a cell asks for while it runs, and what a kernel asks for by default.</summary>
/// <param name="Gpus">Whole GPUs; 0 for a cell that needs none.</param>
/// <param name="GpuMemoryGb">GPU memory in GB over all its GPUs; 0 when unstated.</param>
/// <param name="MilliCpus">CPU in thousandths of a core; 0 when unstated.</param>
/// <param name="MemoryMb">Host memory in MB; 0 when unstated.</param>
[GenerateSerializer, Immutable, Alias("notebook.resource-request")]
public sealed record ResourceRequest(
    [property: Id(0)] int Gpus,
    [property: Id(1)] double GpuMemoryGb = 0,
    [property: Id(2)] int MilliCpus = 0,
    [property: Id(3)] long MemoryMb = 0)
{
    /// <summary>A cell that runs on the CPU alone.</summary>
    public static ResourceRequest CpuOnly { get; } = new(0);

    /// <summary>Why this cannot be asked for, or null when it can: amounts are never negative, and at most 1,024 GPUs.</summary>
    public string? Fault => this switch
    {
        { Gpus: < 0 } or { GpuMemoryGb: < 0 } or { MilliCpus: < 0 } or { MemoryMb: < 0 } =>
            $"a resource request cannot be negative: {Gpus} GPUs, {GpuMemoryGb} GB of GPU memory, {MilliCpus} milli-CPUs, {MemoryMb} MB",
        { GpuMemoryGb: double.NaN or double.PositiveInfinity } => "gpu memory must be a finite number of GB",
        { Gpus: > 1024 } => $"a cell can ask for at most 1024 GPUs, not {Gpus}",
        _ => null,
    };
}

/// <summary>The right to use named GPUs of one server for one execution.</summary>
/// <param name="Server">Where the GPUs are.</param>
/// <param name="Devices">Indices of the GPUs on that server; inside the cell they are numbered 0..n-1 in this order.</param>
/// <param name="Kernel">Who holds it.</param>
/// <param name="Execution">The execution it was granted for.</param>
/// <param name="Epoch">Grows with every lease of the server; an older epoch than the newest seen is refused by the agent.</param>
[GenerateSerializer, Immutable, Alias("notebook.gpu-lease")]
public sealed record GpuLease(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] ImmutableArray<int> Devices,
    [property: Id(2)] KernelId Kernel,
    [property: Id(3)] long Execution,
    [property: Id(4)] long Epoch);
