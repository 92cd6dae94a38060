using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Notebook.Gpu.Native;

namespace Notebook.Gpu.Tests.Nvidia;

/// <summary>
/// A driver's management library as its header describes it, behind true native entry points. It writes structs byte by byte
/// at the offsets of the header (of a compiled C program that prints them), and shares no type with the bindings that it
/// tests. Each of its functions can be made to fail, or to be missing.
/// </summary>
internal sealed unsafe class FakeNvml : INativeExports, IDisposable
{
    public const int NotSupported = 3;
    public const int GpuIsLost = 15;

    private const int InvalidArgument = 2;
    private const int InsufficientSize = 7;
    private const int Timeout = 10;
    private const int VersionMismatch = 25;
    private const long EventSet = 0x7E00_0000_0000;

    private readonly Dictionary<string, Delegate> _functions = [];
    private readonly nint _text = Marshal.StringToCoTaskMemUTF8("what the driver says");

    public FakeNvml(int gpus = 2)
    {
        Gpus = [.. Enumerable.Range(0, gpus).Select(n => new FakeGpu(n))];
        AddSystem();
        AddDescription();
        AddLinks();
        AddFigures();
        AddProcesses();
        AddEvents();
    }

    public List<FakeGpu> Gpus { get; }

    public string DriverVersion { get; set; } = "580.65.06";

    /// <summary>Which functions answer with which status in place of working.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <summary>Which functions there are not.</summary>
    public HashSet<string> Lacks { get; } = [];

    /// <summary>Every function that was looked for.</summary>
    public HashSet<string> LookedFor { get; } = [];

    /// <summary>Every call, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What happened, as (handle, type, data).</summary>
    public Queue<(nint Handle, ulong Type, ulong Data)> Events { get; } = [];

    /// <summary>What events were asked for, by handle.</summary>
    public Dictionary<nint, ulong> Registered { get; } = [];

    /// <summary>Size of an entry in a table of processes: 24, and 32 in some releases.</summary>
    public int ProcessEntrySize { get; set; } = 24;

    /// <summary>Whether it clears a whole table before it fills it.</summary>
    public bool ClearsTables { get; set; }

    /// <summary>Every function that it has.</summary>
    public IEnumerable<string> Names => _functions.Keys;

    public bool TryFind(string name, out nint address)
    {
        LookedFor.Add(name);
        var isThere = _functions.TryGetValue(name, out var function) && !Lacks.Contains(name);
        address = isThere ? Marshal.GetFunctionPointerForDelegate(function!) : 0;
        return isThere;
    }

    public void Dispose() => Marshal.FreeCoTaskMem(_text);

    private void AddSystem()
    {
        Add("nvmlInit_v2", name => new Nothing(() => Run(name, () => 0)));
        Add("nvmlShutdown", name => new Nothing(() => Run(name, () => 0)));
        Add("nvmlErrorString", _ => new TextOfStatus(_ => _text));
        Add("nvmlSystemGetDriverVersion", name => new TextOut((text, size) => Run(name, () => Write(text, size, DriverVersion))));
        Add("nvmlSystemGetCudaDriverVersion_v2", name => new Out(value => Run(name, () => Write(value, 12080))));
        Add("nvmlDeviceGetCount_v2", name => new Out(value => Run(name, () => Write(value, Gpus.Count))));
        Add("nvmlDeviceGetHandleByIndex_v2", name => new OfNumberOut((index, value) =>
            Run(name, () => index >= Gpus.Count ? InvalidArgument : Gpus[(int)index].IsLost ? GpuIsLost : Write(value, (ulong)Gpus[(int)index].Handle))));
    }

    private void AddDescription()
    {
        AddText("nvmlDeviceGetUUID", gpu => gpu.Uuid);
        AddText("nvmlDeviceGetName", gpu => gpu.Name);
        Add("nvmlDeviceGetMemoryInfo_v2", name => new OfHandleOut((handle, value) => Run(name, handle, gpu =>
        {
            if (*(uint*)value != 0x0200_0028) return VersionMismatch;
            Write(value + 8, gpu.MemoryTotal);
            Write(value + 16, gpu.MemoryReserved);
            Write(value + 24, gpu.MemoryTotal - gpu.MemoryReserved - gpu.MemoryUsed);
            return Write(value + 32, gpu.MemoryUsed);
        })));
        AddTwo("nvmlDeviceGetCudaComputeCapability", _ => (9, 0));
        AddTwo("nvmlDeviceGetMigMode", gpu => gpu.Mig is { } mig ? (mig, mig) : null);
        Add("nvmlDeviceGetPciInfo_v3", name => new OfHandleOut((handle, value) => Run(name, handle, gpu => WritePci(value, gpu.BusId))));
    }

    private void AddLinks()
    {
        Add("nvmlDeviceGetNvLinkState", name => new OfHandleNumberOut((handle, link, value) =>
            Run(name, handle, gpu => !gpu.HasNvLink || link >= 18 ? NotSupported : Write(value, link < FakeGpu.LinksToSwitch + FakeGpu.LinksToNext ? 1 : 0))));
        Add("nvmlDeviceGetNvLinkRemoteDeviceType", name => new OfHandleNumberOut((handle, link, value) =>
            Run(name, handle, _ => Write(value, link < FakeGpu.LinksToSwitch ? 2 : 0))));
        Add("nvmlDeviceGetNvLinkRemotePciInfo_v2", name => new OfHandleNumberOut((handle, _, value) =>
            Run(name, handle, gpu => WritePci(value, Gpus[(gpu.Index + 1) % Gpus.Count].BusId))));
        Add("nvmlDeviceGetTopologyCommonAncestor", name => new OfPairOut((one, other, value) =>
            Run(name, one, _ => Run(name, other, _ => Write(value, 30)))));
        Add("nvmlDeviceGetP2PStatus", name => new OfPairNumberOut((one, other, number, value) =>
            Run(name, one, _ => Run(name, other, _ => Write(value, number == 2 ? 0 : 5)))));
    }

    private void AddFigures()
    {
        Add("nvmlDeviceGetUtilizationRates", name => new OfHandleOut((handle, value) => Run(name, handle, gpu =>
        {
            Write(value, (int)gpu.Busy);
            return Write(value + 4, (int)gpu.MemoryBusy);
        })));
        AddFigure("nvmlDeviceGetPowerUsage", gpu => gpu.Power);
        AddFigure("nvmlDeviceGetEnforcedPowerLimit", _ => 700_000);
        Add("nvmlDeviceGetTemperatureV", name => new OfHandleOut((handle, value) =>
            Run(name, handle, gpu => *(uint*)value != 0x0100_000C || *(uint*)(value + 4) != 0 ? VersionMismatch : Write(value + 8, gpu.Temperature))));
        Add("nvmlDeviceGetTemperature", name => new OfHandleNumberOut((handle, sensor, value) =>
            Run(name, handle, gpu => sensor != 0 ? InvalidArgument : Write(value, gpu.Temperature))));
        Add("nvmlDeviceGetClockInfo", name => new OfHandleNumberOut((handle, clock, value) =>
            Run(name, handle, _ => clock > 3 ? InvalidArgument : Write(value, 1000 + (int)clock))));
        foreach (var call in (string[])["nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"])
            Add(call, name => new OfHandleOut((handle, value) => Run(name, handle, gpu => Write(value, gpu.ClockLimits))));
        Add("nvmlDeviceGetTotalEccErrors", name => new OfHandleTwoNumbersOut((handle, type, counter, value) =>
            Run(name, handle, gpu => !gpu.HasEcc ? NotSupported : Write(value, 100UL + (type * 10) + counter))));
    }

    private void AddProcesses()
    {
        AddTable("nvmlDeviceGetComputeRunningProcesses_v3", gpu => gpu.Compute);
        AddTable("nvmlDeviceGetGraphicsRunningProcesses_v3", gpu => gpu.HasGraphics ? gpu.Graphics : null);
        AddTable("nvmlDeviceGetMPSComputeRunningProcesses_v3", _ => []);
    }

    private void AddEvents()
    {
        Add("nvmlEventSetCreate", name => new Out(value => Run(name, () => Write(value, (ulong)EventSet))));
        Add("nvmlEventSetFree", name => new OfHandle(set => Run(name, () => set == EventSet ? 0 : InvalidArgument)));
        Add("nvmlDeviceGetSupportedEventTypes", name => new OfHandleOut((handle, value) => Run(name, handle, gpu => Write(value, gpu.EventTypes))));
        Add("nvmlDeviceRegisterEvents", name => new OfHandleMaskSet((handle, mask, set) => Run(name, handle, gpu =>
        {
            if (set != EventSet || (mask & ~gpu.EventTypes) != 0) return NotSupported;
            Registered[handle] = mask;
            return 0;
        })));
        Add("nvmlEventSetWait_v2", name => new OfSetOutTimeout((set, value, timeout) => Run(name, () =>
        {
            if (set != EventSet || timeout != 0) return InvalidArgument;
            if (!Events.TryDequeue(out var happened)) return Timeout;
            Write(value, (ulong)happened.Handle);
            Write(value + 8, happened.Type);
            Write(value + 16, happened.Data);
            return Write(value + 24, ulong.MaxValue);
        })));
    }

    private void Add(string name, Func<string, Delegate> make) => _functions.Add(name, make(name));

    private void AddText(string call, Func<FakeGpu, string> text) =>
        Add(call, name => new OfHandleTextOut((handle, value, size) => Run(name, handle, gpu => Write(value, size, text(gpu)))));

    private void AddFigure(string call, Func<FakeGpu, uint> figure) =>
        Add(call, name => new OfHandleOut((handle, value) => Run(name, handle, gpu => Write(value, (int)figure(gpu)))));

    private void AddTwo(string call, Func<FakeGpu, (uint First, uint Second)?> figures) =>
        Add(call, name => new OfHandleTwoOut((handle, first, second) => Run(name, handle, gpu =>
        {
            if (figures(gpu) is not { } both) return NotSupported;
            Write(first, (int)both.First);
            return Write(second, (int)both.Second);
        })));

    private void AddTable(string call, Func<FakeGpu, List<(uint Pid, ulong Memory)>?> processes) =>
        Add(call, name => new OfHandleTable((handle, count, table) => Run(name, handle, gpu =>
        {
            if (processes(gpu) is not { } all) return NotSupported;
            var room = *count;
            *count = (uint)all.Count;
            if (all.Count > room) return InsufficientSize;
            if (ClearsTables) new Span<byte>(table, (int)room * ProcessEntrySize).Clear();
            foreach (var (pid, memory) in all)
            {
                new Span<byte>(table, ProcessEntrySize).Clear();
                Write(table, (int)pid);
                Write(table + 8, memory);
                Write(table + 16, ulong.MaxValue);
                table += ProcessEntrySize;
            }

            return 0;
        })));

    private int Run(string name, Func<int> work)
    {
        Calls.Add(name);
        return Failures.TryGetValue(name, out var status) ? status : work();
    }

    private int Run(string name, nint handle, Func<FakeGpu, int> work) => Run(name, () =>
        Gpus.Find(gpu => gpu.Handle == handle) is not { } gpu ? InvalidArgument : gpu.IsLost ? GpuIsLost : work(gpu));

    private static int Write(byte* at, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(new(at, 4), value);
        return 0;
    }

    private static int Write(byte* at, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(new(at, 8), value);
        return 0;
    }

    private static int Write(byte* at, uint size, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text + '\0');
        if (bytes.Length > size) return InsufficientSize;
        bytes.CopyTo(new Span<byte>(at, (int)size));
        return 0;
    }

    private static int WritePci(byte* at, string busId)
    {
        new Span<byte>(at, 68).Clear();
        Write(at, 16, busId[4..]);
        return Write(at + 36, 32, busId);
    }
}
