using System.Collections.Immutable;

namespace Notebook.Gpu;

/// <summary>One GPU.</summary>
/// <param name="Index">Its index on this machine, from 0, in the order of the PCI bus. Not all indices need be there.</param>
/// <param name="Uuid">Its UUID; made up for a simulated one.</param>
/// <param name="Kind"><c>nvidia</c> or <c>simulated</c>.</param>
/// <param name="Name">Its product name.</param>
/// <param name="MemoryMb">Its memory in MB.</param>
public sealed record GpuDevice(int Index, string Uuid, string Kind, string Name, long MemoryMb)
{
    /// <summary>CUDA's compute capability, such as <c>9.0</c>; null when not known.</summary>
    public string? ComputeCapability { get; init; }

    /// <summary>Where it is on the PCI bus, such as <c>00000000:1B:00.0</c>; null when not known.</summary>
    public string? PciBusId { get; init; }

    /// <summary>How many of its NVLinks lead to an NVSwitch; null when not known.</summary>
    public int? SwitchLinks { get; init; }

    /// <summary>How it reaches the machine's other GPUs.</summary>
    public ImmutableArray<GpuPeer> Peers { get; init; } = [];

    /// <summary>What could not be found out about it.</summary>
    public ImmutableArray<MissingReading> Missing { get; init; } = [];
}

/// <summary>How one GPU reaches another.</summary>
/// <param name="Index">The other's index.</param>
/// <param name="Distance">How far it is by PCI; null when not known.</param>
/// <param name="NvLinks">How many NVLinks lead to it directly; null when not known.</param>
/// <param name="NvLinkAccess">Whether each can use the other's memory by NVLink, directly or through a switch; null when not known.</param>
public sealed record GpuPeer(int Index, PciDistance? Distance, int? NvLinks, bool? NvLinkAccess);

/// <summary>What two GPUs have in common, nearest first.</summary>
public enum PciDistance
{
    /// <summary>The board.</summary>
    Board = 0,

    /// <summary>One PCI switch.</summary>
    Switch = 10,

    /// <summary>Several PCI switches, without a host bridge between them.</summary>
    Switches = 20,

    /// <summary>The host bridge.</summary>
    HostBridge = 30,

    /// <summary>The NUMA node.</summary>
    Node = 40,

    /// <summary>The machine.</summary>
    Machine = 50,
}

/// <summary>A GPU that cannot be leased.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Uuid">Its UUID; null when even that is not known.</param>
/// <param name="Why">Why.</param>
public sealed record UnusableGpu(int Index, string? Uuid, GpuFault Why);

/// <summary>The driver under the GPUs.</summary>
/// <param name="Version">Its version, such as <c>570.86.10</c>; null when it does not say.</param>
/// <param name="Cuda">The CUDA version that it supports, such as <c>12.8</c>; null when it does not say.</param>
/// <param name="Lacks">What it cannot do, though the platform could use it.</param>
public sealed record GpuDriver(string? Version, string? Cuda, ImmutableArray<MissingReading> Lacks);
