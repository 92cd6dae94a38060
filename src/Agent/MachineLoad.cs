using System.Globalization;
using Notebook.Links.Protocol;

namespace Notebook.Agent;

/// <summary>How busy this machine is, from <c>/proc</c>. Zero where there is none.</summary>
internal sealed class MachineLoad
{
    private readonly Lock _lock = new();
    private (long Busy, long Total) _last = Cpu();

    /// <summary>The load since the last call.</summary>
    public Load Read()
    {
        var now = Cpu();
        (long Busy, long Total) last;
        lock (_lock) (last, _last) = (_last, now);
        var (total, used) = ReadMemory();
        return new Load
        {
            CpuShare = now.Total > last.Total ? (double)(now.Busy - last.Busy) / (now.Total - last.Total) : 0,
            MemoryTotalMb = total,
            MemoryUsedMb = used,
        };
    }

    private static (long Busy, long Total) Cpu()
    {
        const int Idle = 3, IoWait = 4, Fields = 8;
        if (!File.Exists("/proc/stat")) return default;
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(Fields)
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var total = times.Sum();
        return (total - times[Idle] - times[IoWait], total);
    }

    /// <summary>The machine's memory in MB, and what of it is in use.</summary>
    public static (long TotalMb, long UsedMb) ReadMemory()
    {
        if (!File.Exists("/proc/meminfo")) return default;
        var lines = File.ReadLines("/proc/meminfo").Take(8).ToArray();
        var total = Megabytes("MemTotal:");
        return (total, total - Megabytes("MemAvailable:"));

        long Megabytes(string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.AsSpan(name.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture) >> 10
            : 0;
    }
}
