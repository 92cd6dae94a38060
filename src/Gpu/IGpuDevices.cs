namespace Notebook.Gpu;

/// <summary>The GPUs of this machine, real or made up.</summary>
public interface IGpuDevices
{
    /// <summary>What there is, by index; does not change while the process lives.</summary>
    IReadOnlyList<GpuDevice> Inventory { get; }
}

/// <summary>One GPU.</summary>
/// <param name="Index">Its index on this machine, from 0, in the order of the PCI bus.</param>
/// <param name="Uuid">Its UUID; made up for a simulated one.</param>
/// <param name="Kind"><c>nvidia</c> or <c>simulated</c>.</param>
/// <param name="Name">Its product name.</param>
/// <param name="MemoryMb">Its memory in MB.</param>
public sealed record GpuDevice(int Index, string Uuid, string Kind, string Name, long MemoryMb);
