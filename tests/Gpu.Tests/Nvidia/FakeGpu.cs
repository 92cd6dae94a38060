namespace Notebook.Gpu.Tests.Nvidia;

/// <summary>A GPU that <see cref="FakeNvml"/> has. What is null here, it does not support.</summary>
internal sealed class FakeGpu(int index)
{
    public const int LinksToSwitch = 2;
    public const int LinksToNext = 4;

    public int Index => index;

    public nint Handle => (nint)(0x10_0000_0000L + (index * 0x100));   // above 32 bits: a handle cut short is found

    public string Uuid { get; set; } = $"GPU-{index}a2b3c4d-0000-1111-2222-33334444555{index}";

    public string Name { get; set; } = "NVIDIA H200";

    public string BusId => $"0000000{index}:1B:00.0";

    public ulong MemoryTotal { get; set; } = 150_754_820_096;

    public ulong MemoryReserved { get; set; } = 600_000_000;

    public ulong MemoryUsed { get; set; } = 7_000_000_000 + (ulong)index;

    public uint? Mig { get; set; } = 0;

    public bool HasNvLink { get; set; } = true;

    public uint Busy { get; set; } = 70;

    public uint MemoryBusy { get; set; } = 30;

    public uint Power { get; set; } = 412_345;

    public int Temperature { get; set; } = 61;

    public ulong ClockLimits { get; set; } = 0x24;

    public bool HasEcc { get; set; } = true;

    public bool HasGraphics { get; set; } = true;

    public ulong EventTypes { get; set; } = 0x1F;

    public List<(uint Pid, ulong Memory)> Compute { get; } = [(4711, 5_000_000_000), (4712, ulong.MaxValue)];

    public List<(uint Pid, ulong Memory)> Graphics { get; } = [(900, 40_000_000)];

    public bool IsLost { get; set; }
}
