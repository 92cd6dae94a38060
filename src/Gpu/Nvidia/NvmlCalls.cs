using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Notebook.Gpu.Nvidia;

/// <summary>
/// What we ask NVML, with its numbers made into ours. Every question only reads; the calls that change a GPU are not here.
/// </summary>
internal sealed class NvmlCalls(NvmlLibrary nvml)
{
    private const int TextSize = 96;
    private const int MostGpus = 256;
    private const int MostProcesses = 4096;
    private const uint Gpu = 0;            // the sensor on the chip
    private const uint SmClock = 1;
    private const uint MemoryClock = 2;
    private const uint Corrected = 0;
    private const uint Uncorrected = 1;
    private const uint SinceLoad = 0;
    private const uint Lifetime = 1;
    private const uint NvLinkAccess = 2;   // of the capabilities between two GPUs

    private static readonly string[] s_processTables =
        ["nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetMPSComputeRunningProcesses_v3"];

    public GpuFault? Start() => nvml.Do("nvmlInit_v2");

    public GpuFault? Stop() => nvml.Do("nvmlShutdown");

    public Answer<string> DriverVersion() => nvml.AskText("nvmlSystemGetDriverVersion", TextSize);

    public Answer<string> CudaVersion()
    {
        const string call = "nvmlSystemGetCudaDriverVersion_v2";
        return nvml.Ask<int>(call).If(v => v is >= 1000 and < 1_000_000, call)
            .Then(v => string.Create(CultureInfo.InvariantCulture, $"{v / 1000}.{v % 1000 / 10}"));
    }

    public Answer<int> Count()
    {
        const string call = "nvmlDeviceGetCount_v2";
        return nvml.Ask<uint>(call).If(n => n <= MostGpus, call).Then(n => (int)n);
    }

    public Answer<nint> Device(int index)
    {
        const string call = "nvmlDeviceGetHandleByIndex_v2";
        return nvml.Ask<nint>(call, (uint)index).If(handle => handle != 0, call);
    }

    public Answer<string> Uuid(nint device) => nvml.AskText("nvmlDeviceGetUUID", device, TextSize);

    public Answer<string> Name(nint device) => nvml.AskText("nvmlDeviceGetName", device, TextSize);

    public Answer<GpuMemory> Memory(nint device)
    {
        const string call = "nvmlDeviceGetMemoryInfo_v2";
        return nvml.Ask(call, device, new NvmlMemory { Version = NvmlVersion.Of<NvmlMemory>(2) })
            .If(m => m.Total is > 0 and <= long.MaxValue && m.Used <= m.Total && m.Free <= m.Total, call)
            .Then(m => new GpuMemory((long)m.Total, (long)m.Used, (long)m.Free));
    }

    public Answer<string> ComputeCapability(nint device) =>
        nvml.AskTwo<int>("nvmlDeviceGetCudaComputeCapability", device)
            .Then(c => string.Create(CultureInfo.InvariantCulture, $"{c.First}.{c.Second}"));

    public Answer<string> PciBusId(nint device) => nvml.Ask<NvmlPci>("nvmlDeviceGetPciInfo_v3", device).Then(BusId);

    /// <summary>Whether MIG mode is on now.</summary>
    public Answer<bool> IsMig(nint device)
    {
        var modes = nvml.AskTwo<uint>("nvmlDeviceGetMigMode", device);
        return modes.Fault is GpuFault.NotSupported ? new(false, null) : modes.Then(m => m.First != 0);
    }

    /// <summary>Whether a link is up; the value is null where the GPU has no such link.</summary>
    public Answer<bool?> IsLinkUp(nint device, int link)
    {
        var state = nvml.Ask<uint>("nvmlDeviceGetNvLinkState", device, (uint)link);
        var isNoLink = state.Fault is GpuFault.NotSupported || (link > 0 && state.Fault is GpuFault.Unknown { Status: NvmlStatus.InvalidArgument });
        return isNoLink ? new(null, null) : state.Then<bool?>(s => s != 0);
    }

    /// <summary>What a link leads to.</summary>
    public Answer<NvLinkEnd> LinkEnd(nint device, int link) =>
        nvml.Ask<uint>("nvmlDeviceGetNvLinkRemoteDeviceType", device, (uint)link).Then(t => t switch { 0 => NvLinkEnd.Gpu, 2 => NvLinkEnd.Switch, _ => NvLinkEnd.Other });

    public Answer<string> LinkEndBusId(nint device, int link) =>
        nvml.Ask<NvmlPci>("nvmlDeviceGetNvLinkRemotePciInfo_v2", device, (uint)link).Then(BusId);

    public Answer<PciDistance> Distance(nint one, nint other)
    {
        const string call = "nvmlDeviceGetTopologyCommonAncestor";
        return nvml.AskPair<int>(call, one, other).Then(level => (PciDistance)level).If(Enum.IsDefined, call);
    }

    public Answer<bool> HasNvLinkAccess(nint one, nint other) =>
        nvml.AskPair<int>("nvmlDeviceGetP2PStatus", one, other, NvLinkAccess).Then(status => status == 0);

    public Answer<NvmlUtilization> Utilization(nint device)
    {
        const string call = "nvmlDeviceGetUtilizationRates";
        return nvml.Ask<NvmlUtilization>(call, device).If(u => u is { Gpu: <= 100, Memory: <= 100 }, call);
    }

    public Answer<long> Power(nint device) => Known("nvmlDeviceGetPowerUsage", device);

    public Answer<long> PowerLimit(nint device) => Known("nvmlDeviceGetEnforcedPowerLimit", device);

    /// <summary>Degrees Celsius, by the call of newer drivers where it is there.</summary>
    public Answer<int> Temperature(nint device)
    {
        const string newer = "nvmlDeviceGetTemperatureV", older = "nvmlDeviceGetTemperature";
        var answer = nvml.Ask(newer, device, new NvmlTemperature { Version = NvmlVersion.Of<NvmlTemperature>(1), Sensor = Gpu }).Then(t => t.Celsius);
        return (answer.Fault is GpuFault.DriverTooOld ? nvml.Ask<int>(older, device, Gpu) : answer).If(t => t is > -100 and < 300, newer);
    }

    public Answer<int> SmClockMhz(nint device) => Clock(device, SmClock);

    public Answer<int> MemoryClockMhz(nint device) => Clock(device, MemoryClock);

    /// <summary>What keeps the clocks down, by the call of newer drivers where it is there.</summary>
    public Answer<ClockLimits> ClockLimits(nint device)
    {
        var answer = nvml.Ask<ulong>("nvmlDeviceGetCurrentClocksEventReasons", device);
        if (answer.Fault is GpuFault.DriverTooOld) answer = nvml.Ask<ulong>("nvmlDeviceGetCurrentClocksThrottleReasons", device);
        return answer.Then(reasons => (ClockLimits)(reasons & 0x1FF));
    }

    public Answer<long> CorrectedErrors(nint device) => Errors(device, Corrected, SinceLoad);

    public Answer<long> UncorrectedErrors(nint device) => Errors(device, Uncorrected, SinceLoad);

    public Answer<long> LifetimeUncorrectedErrors(nint device) => Errors(device, Uncorrected, Lifetime);

    /// <summary>Everybody who uses the GPU, by pid. A GPU that knows no graphics or no MPS has nobody there.</summary>
    public Answer<ImmutableArray<GpuProcess>> Processes(nint device)
    {
        var all = new SortedDictionary<int, GpuProcess>();
        foreach (var table in s_processTables)
        {
            var answer = Processes(device, table);
            if (answer.Fault is GpuFault.NotSupported && table != s_processTables[0]) continue;
            if (answer.Fault is not null) return answer;
            foreach (var process in answer.Value)
            {
                // One that draws and computes is in two tables, with the memory of both in each.
                var known = all.GetValueOrDefault(process.Pid)?.MemoryBytes;
                all[process.Pid] = process with { MemoryBytes = known > process.MemoryBytes ? known : process.MemoryBytes ?? known };
            }
        }

        return new([.. all.Values], null);
    }

    public Answer<nint> CreateEventSet()
    {
        const string call = "nvmlEventSetCreate";
        return nvml.Ask<nint>(call).If(set => set != 0, call);
    }

    public Answer<ulong> EventTypes(nint device) => nvml.Ask<ulong>("nvmlDeviceGetSupportedEventTypes", device);

    public GpuFault? Register(nint device, ulong types, nint set) => nvml.Do("nvmlDeviceRegisterEvents", device, types, set);

    /// <summary>The next event, without waiting; null when there is none.</summary>
    public Answer<NvmlEvent?> NextEvent(nint set) => nvml.Take("nvmlEventSetWait_v2", set);

    public GpuFault? FreeEventSet(nint set) => nvml.Do("nvmlEventSetFree", set);

    private Answer<ImmutableArray<GpuProcess>> Processes(nint device, string table)
    {
        for (var room = 64; room <= MostProcesses; room *= 2)
        {
            var buffer = new byte[room * NvmlProcesses.LargestEntrySize];
            buffer.AsSpan().Fill(NvmlProcesses.Untouched);
            var count = nvml.AskTable(table, device, buffer, (uint)room, out var tooSmall);
            if (count.Fault is not null) return new([], count.Fault);
            // Only a table that is at most half full tells the size of its entries for certain.
            if (tooSmall || count.Value > room / 2) continue;
            var processes = NvmlProcesses.Parse(buffer, room, (int)count.Value);
            return processes.All(p => p.Pid >= 0) ? new(processes, null) : new([], new GpuFault.Unknown(table, 0, "a process without an id"));
        }

        return new([], new GpuFault.Unknown(table, NvmlStatus.InsufficientSize, $"more than {MostProcesses / 2} processes"));
    }

    private Answer<int> Clock(nint device, uint which) => Known("nvmlDeviceGetClockInfo", device, which).Then(mhz => (int)mhz);

    private Answer<long> Errors(nint device, uint type, uint counter)
    {
        const string call = "nvmlDeviceGetTotalEccErrors";
        return nvml.Ask<ulong>(call, device, type, counter).If(n => n <= long.MaxValue, call).Then(n => (long)n);
    }

    // NVML says "not available" with all bits set.
    private Answer<long> Known(string call, nint device) => nvml.Ask<uint>(call, device).If(n => n <= int.MaxValue, call).Then(n => (long)n);

    private Answer<long> Known(string call, nint device, uint number) =>
        nvml.Ask<uint>(call, device, number).If(n => n <= int.MaxValue, call).Then(n => (long)n);

    private static string BusId(NvmlPci pci)
    {
        ReadOnlySpan<byte> text = pci.BusId;
        var end = text.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? text : text[..end]).ToUpperInvariant();
    }
}

/// <summary>What an NVLink leads to.</summary>
internal enum NvLinkEnd
{
    Other,
    Gpu,
    Switch,
}
