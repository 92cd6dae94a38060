using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Notebook.Gpu.Nvidia;

/// <summary>The version that NVML expects in a struct which has one: its size, and its number in the highest byte.</summary>
internal static class NvmlVersion
{
    public static uint Of<T>(int number) where T : unmanaged => (uint)Unsafe.SizeOf<T>() | ((uint)number << 24);
}

/// <summary>Memory in bytes; the driver's own part is not in <see cref="Used"/>. Version 2.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlMemory
{
    public uint Version;
    public ulong Total;
    public ulong Reserved;
    public ulong Free;
    public ulong Used;
}

/// <summary>Per cent of the last sample period.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlUtilization
{
    public uint Gpu;
    public uint Memory;
}

/// <summary>A temperature, and of which sensor. Version 1.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlTemperature
{
    public uint Version;
    public uint Sensor;
    public int Celsius;
}

/// <summary>Where a device is on the PCI bus, as <c>nvmlDeviceGetPciInfo_v3</c> gives it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlPci
{
    public Text16 LegacyBusId;
    public uint Domain;
    public uint Bus;
    public uint Device;
    public uint DeviceId;
    public uint SubsystemId;
    public Text32 BusId;

    [InlineArray(16)]
    internal struct Text16
    {
        private byte _first;
    }

    [InlineArray(32)]
    internal struct Text32
    {
        private byte _first;
    }
}

/// <summary>An event, as <c>nvmlEventSetWait_v2</c> gives it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlEvent
{
    public nint Device;
    public ulong Type;
    public ulong Data;
    public uint GpuInstance;
    public uint ComputeInstance;
}
