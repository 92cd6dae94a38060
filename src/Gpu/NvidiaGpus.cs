namespace Notebook.Gpu;

/// <summary>The GPUs that the NVIDIA driver of this machine names.</summary>
public sealed class NvidiaGpus : IGpuDevices
{
    private const long BytesPerMb = 1_000_000;

    private NvidiaGpus(IReadOnlyList<GpuDevice> inventory) => Inventory = inventory;

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Inventory { get; }

    /// <summary>Asks the driver, and heeds <c>CUDA_VISIBLE_DEVICES</c>; null where no driver is installed.</summary>
    /// <exception cref="NvmlException">A driver is installed, but does not work.</exception>
    public static NvidiaGpus? TryOpen()
    {
        if (!Nvml.IsInstalled) return null;
        Nvml.Start();
        GpuDevice[] all = [.. Enumerable.Range(0, Nvml.Count()).Select(Describe)];
        return new(VisibleDevices.Of(all, Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")));
    }

    private static GpuDevice Describe(int index)
    {
        var device = Nvml.Device(index);
        return new(index, Nvml.Uuid(device), "nvidia", Nvml.Name(device), (long)(Nvml.Memory(device).Total / BytesPerMb));
    }
}
