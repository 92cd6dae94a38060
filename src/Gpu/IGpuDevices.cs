namespace Notebook.Gpu;

/// <summary>The GPUs of this machine: NVIDIA's, made up, or none. They are read, never changed.</summary>
public interface IGpuDevices
{
    /// <summary>The driver under them; null where there is none, as under simulated ones.</summary>
    GpuDriver? Driver { get; }

    /// <summary>What can be leased, by index; does not change while the process lives.</summary>
    IReadOnlyList<GpuDevice> Inventory { get; }

    /// <summary>GPUs that are there and cannot be leased.</summary>
    IReadOnlyList<UnusableGpu> Unusable { get; }

    /// <summary>How the inventory's GPUs are now, and what happened to them since the last call. By one caller at a time.</summary>
    GpuSnapshot Sample();
}
