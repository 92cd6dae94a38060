namespace Notebook.Gpu;

/// <summary>The GPUs that the NVIDIA driver of this machine names.</summary>
public sealed class NvidiaGpus : IGpuDevices
{
    private const long BytesPerMb = 1_000_000;

    private NvidiaGpus(IReadOnlyList<GpuDevice> inventory) => Inventory = inventory;

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Inventory { get; }

    /// <summary>Asks the driver; null where none is installed.</summary>
    /// <exception cref="NvmlException">A driver is installed, but does not work.</exception>
    public static NvidiaGpus? TryOpen()
    {
        if (!Nvml.IsInstalled) return null;
        Nvml.Start();
        return new([.. Enumerable.Range(0, Nvml.Count()).Select(Describe)]);
    }

    private static GpuDevice Describe(int index)
    {
        var device = Nvml.Device(index);
        return new(index, Nvml.Uuid(device), "nvidia", Nvml.Name(device), (long)(Nvml.Memory(device).Total / BytesPerMb));
    }
}
