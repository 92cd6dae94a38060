using System.Collections.Immutable;

namespace Notebook.Gpu.Nvidia;

/// <summary>Collects what happens to the GPUs. The driver keeps it until it is asked for.</summary>
internal sealed class NvidiaEvents : IDisposable
{
    private const int MostAtOnce = 256;   // the next call has the rest

    private static readonly ImmutableArray<(ulong Type, GpuEventKind Kind)> s_kinds =
    [
        (0x8, GpuEventKind.Xid),
        (0x2, GpuEventKind.UncorrectedEcc),
        (0x400, GpuEventKind.MemoryRetired),
        (0x800, GpuEventKind.MemoryRetirementFailed),
        (0x1000, GpuEventKind.Poison),
        (0x2000, GpuEventKind.FatalPoison),
        (0x4000, GpuEventKind.Unavailable),
        (0x8000, GpuEventKind.RecoveryWanted),
    ];

    private static readonly ulong s_wanted = s_kinds.Aggregate(0UL, (mask, kind) => mask | kind.Type);

    private readonly NvmlCalls _nvml;
    private readonly IReadOnlyDictionary<nint, int> _indices;
    private readonly nint _set;
    private readonly GpuFault? _missing;

    /// <param name="nvml">The driver.</param>
    /// <param name="indices">The indices of the GPUs to watch, by handle.</param>
    public NvidiaEvents(NvmlCalls nvml, IReadOnlyDictionary<nint, int> indices)
    {
        (_nvml, _indices) = (nvml, indices);
        var set = nvml.CreateEventSet();
        if (set.Fault is not null)
        {
            _missing = set.Fault;
            return;
        }

        _set = set.Value;
        foreach (var device in indices.Keys) _missing ??= Register(device);
    }

    /// <summary>What happened since the last call, and why that may not be all.</summary>
    public (ImmutableArray<GpuEvent> Events, GpuFault? Missing) Take()
    {
        var events = ImmutableArray.CreateBuilder<GpuEvent>();
        if (_set == 0) return ([], _missing);
        while (events.Count < MostAtOnce)
        {
            var next = _nvml.NextEvent(_set);
            if (next.Fault is { } fault) return (events.ToImmutable(), fault);
            if (next.Value is not { } happened) break;
            events.Add(Of(happened));
        }

        return (events.ToImmutable(), _missing);
    }

    /// <summary>Gives the set back. A driver that refuses even that has nothing more to tell.</summary>
    public void Dispose()
    {
        if (_set != 0) _nvml.FreeEventSet(_set);
    }

    private GpuFault? Register(nint device)
    {
        var supported = _nvml.EventTypes(device);
        if (supported.Fault is not null) return supported.Fault;
        var types = supported.Value & s_wanted;
        return types == 0 ? new GpuFault.NotSupported("nvmlDeviceRegisterEvents") : _nvml.Register(device, types, _set);
    }

    private GpuEvent Of(NvmlEvent happened)
    {
        var kind = s_kinds.FirstOrDefault(k => k.Type == happened.Type).Kind;
        return new(_indices.TryGetValue(happened.Device, out var index) ? index : null, kind, kind == GpuEventKind.Xid ? (long)happened.Data : 0);
    }
}
