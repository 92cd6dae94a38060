using System.Collections.Immutable;

namespace Notebook.Gpu;

/// <summary>How GPUs are at one moment.</summary>
/// <param name="Gpus">Each GPU of the inventory, in its order.</param>
/// <param name="Events">What happened to them since the last snapshot, oldest first.</param>
/// <param name="EventsMissing">Why events cannot be told, or not all of them; null when they can.</param>
public sealed record GpuSnapshot(ImmutableArray<GpuSample> Gpus, ImmutableArray<GpuEvent> Events, GpuFault? EventsMissing = null);

/// <summary>
/// How one GPU is now. A figure that could not be read is null, and <see cref="Missing"/> says why: nothing is guessed.
/// </summary>
/// <param name="Index">Its index.</param>
/// <param name="Uuid">Its UUID.</param>
public sealed record GpuSample(int Index, string Uuid)
{
    /// <summary>Why it is lost; null while it answers. A lost one has no figures.</summary>
    public GpuFault? Lost { get; init; }

    /// <summary>Per cent of the last sample period (a sixth of a second to a second) in which a kernel ran on it.</summary>
    public int? BusyPercent { get; init; }

    /// <summary>Per cent of that period in which its memory was read or written.</summary>
    public int? MemoryBusyPercent { get; init; }

    /// <summary>Its memory.</summary>
    public GpuMemory? Memory { get; init; }

    /// <summary>Power that it draws, in milliwatts.</summary>
    public long? PowerMilliwatts { get; init; }

    /// <summary>Power that it may draw, in milliwatts.</summary>
    public long? PowerLimitMilliwatts { get; init; }

    /// <summary>Degrees Celsius.</summary>
    public int? TemperatureCelsius { get; init; }

    /// <summary>Clock of the multiprocessors in MHz.</summary>
    public int? SmClockMhz { get; init; }

    /// <summary>Clock of the memory in MHz.</summary>
    public int? MemoryClockMhz { get; init; }

    /// <summary>What keeps its clocks from being higher.</summary>
    public ClockLimits? ClockLimits { get; init; }

    /// <summary>Memory errors that were corrected, since the driver was loaded.</summary>
    public long? CorrectedErrors { get; init; }

    /// <summary>Memory errors that could not be, since the driver was loaded.</summary>
    public long? UncorrectedErrors { get; init; }

    /// <summary>Memory errors that could not be corrected, in the GPU's whole life.</summary>
    public long? LifetimeUncorrectedErrors { get; init; }

    /// <summary>Who uses it, by process id; null when that is not known.</summary>
    public ImmutableArray<GpuProcess>? Processes { get; init; }

    /// <summary>What could not be read.</summary>
    public ImmutableArray<MissingReading> Missing { get; init; } = [];
}

/// <summary>A GPU's memory, in bytes.</summary>
/// <param name="Total">All of it.</param>
/// <param name="Used">What processes have.</param>
/// <param name="Free">What they may have.</param>
public readonly record struct GpuMemory(long Total, long Used, long Free);

/// <summary>A process that uses a GPU.</summary>
/// <param name="Pid">Its id, as the machine's first pid namespace has it.</param>
/// <param name="MemoryBytes">Its memory on the GPU; null when the driver does not say.</param>
public sealed record GpuProcess(int Pid, long? MemoryBytes);

/// <summary>What keeps clocks from being higher.</summary>
[Flags]
public enum ClockLimits
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Nothing runs.</summary>
    Idle = 0x1,

    /// <summary>Clocks that somebody asked for.</summary>
    Setting = 0x2,

    /// <summary>The power limit.</summary>
    PowerCap = 0x4,

    /// <summary>The hardware's emergency brake, for heat or power.</summary>
    HardwareSlowdown = 0x8,

    /// <summary>Other GPUs that it keeps in step with.</summary>
    SyncBoost = 0x10,

    /// <summary>Heat, seen by the driver.</summary>
    Heat = 0x20,

    /// <summary>Heat, seen by the hardware.</summary>
    HardwareHeat = 0x40,

    /// <summary>The power supply, seen by the hardware.</summary>
    PowerBrake = 0x80,

    /// <summary>A display's clocks.</summary>
    Display = 0x100,
}

/// <summary>Something that happened to a GPU.</summary>
/// <param name="Index">Its index; null when the driver named none of the inventory's.</param>
/// <param name="Kind">What.</param>
/// <param name="Xid">The Xid error's number for <see cref="GpuEventKind.Xid"/> (999 for one that the driver does not know), else 0.</param>
public sealed record GpuEvent(int? Index, GpuEventKind Kind, long Xid);

/// <summary>What may happen to a GPU.</summary>
public enum GpuEventKind
{
    /// <summary>Something that is not in this list.</summary>
    Other,

    /// <summary>An Xid error: the driver's number for what went wrong.</summary>
    Xid,

    /// <summary>A memory error that could not be corrected.</summary>
    UncorrectedEcc,

    /// <summary>Bad memory was put out of use.</summary>
    MemoryRetired,

    /// <summary>Bad memory could not be put out of use.</summary>
    MemoryRetirementFailed,

    /// <summary>Bad data reached a program, which ends; the GPU goes on.</summary>
    Poison,

    /// <summary>Bad data reached the GPU itself.</summary>
    FatalPoison,

    /// <summary>The GPU is no longer available.</summary>
    Unavailable,

    /// <summary>The driver asks for a recovery: a reset or a restart.</summary>
    RecoveryWanted,
}
