using System.Collections.Immutable;
using Notebook.Gpu.Checkpoints;
using Notebook.Gpu.Native;

namespace Notebook.Gpu.Nvidia;

/// <summary>Finds out what GPUs there are. One that cannot be used does not keep the others from being found.</summary>
internal sealed class NvidiaInventory(NvmlCalls nvml)
{
    private const long BytesPerMb = 1_000_000;
    private const int MostNvLinks = 36;

    private static readonly ImmutableArray<(string What, string[] Calls)> s_optional =
    [
        ("MIG mode", ["nvmlDeviceGetMigMode"]),
        ("NVLink", ["nvmlDeviceGetNvLinkState"]),
        ("NVLink's other end", ["nvmlDeviceGetNvLinkRemoteDeviceType"]),
        ("PCI topology", ["nvmlDeviceGetTopologyCommonAncestor"]),
        ("access between GPUs", ["nvmlDeviceGetP2PStatus"]),
        ("utilisation", ["nvmlDeviceGetUtilizationRates"]),
        ("power draw", ["nvmlDeviceGetPowerUsage"]),
        ("temperature", ["nvmlDeviceGetTemperatureV", "nvmlDeviceGetTemperature"]),
        ("clocks", ["nvmlDeviceGetClockInfo"]),
        ("limits of the clocks", ["nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"]),
        ("ECC errors", ["nvmlDeviceGetTotalEccErrors"]),
        ("processes", ["nvmlDeviceGetComputeRunningProcesses_v3"]),
        ("Xid and ECC events", ["nvmlEventSetWait_v2"]),
    ];

    /// <summary>The driver, which must be new enough.</summary>
    /// <param name="library">NVML.</param>
    /// <param name="cuda">CUDA; null where it is not here.</param>
    /// <exception cref="GpuException">It is too old.</exception>
    public GpuDriver Driver(NvmlLibrary library, INativeExports? cuda)
    {
        var version = nvml.DriverVersion();
        var cudaVersion = nvml.CudaVersion();
        if (version.Fault is null) library.Driver = version.Value;
        var lacks = s_optional.Where(o => !o.Calls.Any(library.Has))
            .Select(o => new MissingReading(o.What, new GpuFault.DriverTooOld(library.Driver, string.Join(" or ", o.Calls)))).ToList();
        if (version.Fault is null && DriverBranch.Of(version.Value) < GpuFault.OldestDriver)
            throw new GpuException(new GpuFault.DriverTooOld(version.Value, lacks.Count == 0 ? "what was new in 525" : string.Join(", ", lacks.Select(l => l.What))));
        lacks.AddRange(ProcessCheckpoints.Lacks(cuda, library.Driver));
        if (version.Fault is { } why) lacks.Add(new("its version", why));
        if (cudaVersion.Fault is { } whyNot) lacks.Add(new("its CUDA version", whyNot));
        return new(version.Fault is null ? version.Value : null, cudaVersion.Fault is null ? cudaVersion.Value : null, [.. lacks]);
    }

    /// <summary>The GPUs, and those that cannot be used.</summary>
    /// <exception cref="GpuException">Not even their number can be had.</exception>
    public (ImmutableArray<FoundGpu> Found, ImmutableArray<UnusableGpu> Unusable) Find()
    {
        var found = ImmutableArray.CreateBuilder<FoundGpu>();
        var unusable = ImmutableArray.CreateBuilder<UnusableGpu>();
        for (int index = 0, count = nvml.Count().OrThrow(); index < count; index++)
        {
            var (gpu, why) = Describe(index);
            if (gpu is not null) found.Add(gpu);
            if (why is not null) unusable.Add(why);
        }

        return ([.. found.Select(gpu => WithPeers(gpu, found))], unusable.ToImmutable());
    }

    private (FoundGpu? Found, UnusableGpu? Unusable) Describe(int index)
    {
        var handle = nvml.Device(index);
        if (handle.Fault is { } noHandle) return (null, new(index, null, noHandle));
        var device = handle.Value;
        var uuid = nvml.Uuid(device);
        if (uuid.Fault is { } noUuid) return (null, new(index, null, noUuid));
        var name = nvml.Name(device);
        var memory = nvml.Memory(device);
        if ((name.Fault ?? memory.Fault) is { } tooLittle) return (null, new(index, uuid.Value, tooLittle));

        var readings = new Readings(device);
        var mig = readings.Value("MIG mode", nvml.IsMig);
        if (mig is true) return (null, new(index, uuid.Value, new GpuFault.MigOn()));
        var gpu = new GpuDevice(index, uuid.Value, "nvidia", name.Value, memory.Value.Total / BytesPerMb)
        {
            ComputeCapability = readings.Text("compute capability", nvml.ComputeCapability),
            PciBusId = readings.Text("PCI bus id", nvml.PciBusId),
        };
        var links = readings.Value("NVLinks", Links);
        return readings.Lost is { } lost
            ? (null, new(index, uuid.Value, lost))
            : (new(gpu with { SwitchLinks = links?.Count(l => l.End == NvLinkEnd.Switch), Missing = readings.Missing }, device, links), null);
    }

    private Answer<ImmutableArray<NvLink>> Links(nint device)
    {
        var links = ImmutableArray.CreateBuilder<NvLink>();
        for (var link = 0; link < MostNvLinks; link++)
        {
            var up = nvml.IsLinkUp(device, link);
            if (up.Fault is not null) return new([], up.Fault);
            if (up.Value is null) break;
            if (up.Value is false) continue;
            var end = nvml.LinkEnd(device, link);
            if (end.Fault is not null) return new([], end.Fault);
            var busId = end.Value == NvLinkEnd.Gpu ? nvml.LinkEndBusId(device, link) : new("", null);
            if (busId.Fault is not null) return new([], busId.Fault);
            links.Add(new(end.Value, busId.Value));
        }

        return new(links.ToImmutable(), null);
    }

    private FoundGpu WithPeers(FoundGpu gpu, IEnumerable<FoundGpu> all)
    {
        var readings = new Readings(gpu.Handle);
        GpuPeer[] peers =
        [
            .. all.Where(other => other.Handle != gpu.Handle).Select(other => new GpuPeer(
                other.Device.Index,
                readings.Value($"PCI distance to GPU {other.Device.Index}", device => nvml.Distance(device, other.Handle)),
                other.Device.PciBusId is { } busId ? gpu.Links?.Count(l => l.BusId == busId) : null,
                readings.Value($"NVLink access to GPU {other.Device.Index}", device => nvml.HasNvLinkAccess(device, other.Handle)))),
        ];
        return gpu with { Device = gpu.Device with { Peers = [.. peers], Missing = [.. gpu.Device.Missing, .. readings.Missing] } };
    }
}

/// <summary>A GPU that was found.</summary>
/// <param name="Device">What it is.</param>
/// <param name="Handle">The driver's handle.</param>
/// <param name="Links">Its NVLinks that are up; null when not known.</param>
internal sealed record FoundGpu(GpuDevice Device, nint Handle, ImmutableArray<NvLink>? Links);

/// <summary>An NVLink that is up.</summary>
/// <param name="End">What it leads to.</param>
/// <param name="BusId">Where that is on the PCI bus, for a GPU.</param>
internal readonly record struct NvLink(NvLinkEnd End, string BusId);
