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

    /// <summary>The same as amounts that can be added up.</summary>
    public ResourceAmounts Amounts => new(Gpus, (long)Math.Ceiling(GpuMemoryGb * 1024), MilliCpus, MemoryMb);

    /// <summary>In words, such as <c>2 GPUs, 4000 milli-CPUs</c>; what is 0 is left out.</summary>
    public override string ToString() => Amounts.ToString();

    /// <summary>Why this cannot be asked for, or null when it can: amounts are never negative, and bounded.</summary>
    public string? Fault => this switch
    {
        { Gpus: < 0 } or { GpuMemoryGb: < 0 } or { MilliCpus: < 0 } or { MemoryMb: < 0 } =>
            $"a resource request cannot be negative: {Gpus} GPUs, {GpuMemoryGb} GB of GPU memory, {MilliCpus} milli-CPUs, {MemoryMb} MB",
        { GpuMemoryGb: double.NaN or double.PositiveInfinity } => "gpu memory must be a finite number of GB",
        { Gpus: > 1024 } => $"a cell can ask for at most 1024 GPUs, not {Gpus}",
        { GpuMemoryGb: > 1 << 20 } => $"a cell can ask for at most {1 << 20} GB of GPU memory, not {GpuMemoryGb}",
        { MilliCpus: > 1 << 20 } => $"a cell can ask for at most {1 << 20} milli-CPUs, not {MilliCpus}",
        { MemoryMb: > 1L << 30 } => $"a cell can ask for at most {1L << 30} MB of memory, not {MemoryMb}",
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
    [property: Id(4)] long Epoch)
{
    /// <summary>How long an agent lets a lease hold that nobody renews; its own clock counts from when it heard of it last.</summary>
    public static readonly TimeSpan Term = TimeSpan.FromMinutes(15);

    /// <summary>Everything that is committed with it; its GPUs are as many as its devices.</summary>
    [Id(5)]
    public ResourceAmounts Amounts { get; init; }

    /// <summary>Whose kernel it is; empty for one that was stored before that was noted.</summary>
    [Id(6)]
    public string User { get => field ?? ""; init; } = "";   // Orleans makes a record with parameters without running initializers
}
