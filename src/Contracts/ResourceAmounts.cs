namespace Notebook.Contracts;

/// <summary>Amounts of the four resources that are accounted for, for each server and each cell.</summary>
/// <param name="Gpus">Whole GPUs.</param>
/// <param name="GpuMemoryMb">GPU memory in MB, over all GPUs.</param>
/// <param name="MilliCpus">CPU in thousandths of a core.</param>
/// <param name="MemoryMb">Host memory in MB.</param>
[GenerateSerializer, Immutable, Alias("notebook.resource-amounts")]
public readonly record struct ResourceAmounts(
    [property: Id(0)] int Gpus,
    [property: Id(1)] long GpuMemoryMb,
    [property: Id(2)] int MilliCpus,
    [property: Id(3)] long MemoryMb)
{
    /// <summary>Whether each amount is at most that of <paramref name="room"/>.</summary>
    public bool FitsIn(in ResourceAmounts room) =>
        Gpus <= room.Gpus && GpuMemoryMb <= room.GpuMemoryMb && MilliCpus <= room.MilliCpus && MemoryMb <= room.MemoryMb;

    /// <summary>Amount by amount.</summary>
    public static ResourceAmounts operator +(in ResourceAmounts one, in ResourceAmounts other) => new(
        one.Gpus + other.Gpus, one.GpuMemoryMb + other.GpuMemoryMb, one.MilliCpus + other.MilliCpus, one.MemoryMb + other.MemoryMb);

    /// <summary>Amount by amount; may become negative where a server came back with less than is promised on it.</summary>
    public static ResourceAmounts operator -(in ResourceAmounts one, in ResourceAmounts other) => new(
        one.Gpus - other.Gpus, one.GpuMemoryMb - other.GpuMemoryMb, one.MilliCpus - other.MilliCpus, one.MemoryMb - other.MemoryMb);

    /// <summary>In words; what is 0 is left out, but for the GPUs of one that asks for nothing else.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        if (Gpus != 0 || (GpuMemoryMb, MilliCpus, MemoryMb) == default) parts.Add(Gpus == 1 ? "1 GPU" : $"{Gpus} GPUs");
        if (GpuMemoryMb != 0) parts.Add($"{GpuMemoryMb} MB of GPU memory");
        if (MilliCpus != 0) parts.Add($"{MilliCpus} milli-CPUs");
        if (MemoryMb != 0) parts.Add($"{MemoryMb} MB of memory");
        return string.Join(", ", parts);
    }
}
