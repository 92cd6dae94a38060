using System.Globalization;

namespace Notebook.Bench.Jupyter;

/// <summary>How much memory another process had at most, as the kernel counts it.</summary>
internal static class ResidentMemory
{
    /// <summary>The peak is what it has now.</summary>
    public static void ForgetPeak(int pid) => File.WriteAllText($"/proc/{pid}/clear_refs", "5");

    public static double PeakMegabytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
