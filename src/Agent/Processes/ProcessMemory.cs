using System.Globalization;

namespace Notebook.Agent.Processes;

/// <summary>How much memory a process takes for itself, from <c>/proc</c>: what it shares with its fork server is there anyway.</summary>
internal static class ProcessMemory
{
    /// <summary>In MB, rounded up; 0 where the process is gone, or the system does not say.</summary>
    public static long PrivateMb(int processId)
    {
        try
        {
            var kilobytes = File.ReadLines($"/proc/{processId}/smaps_rollup")
                .Where(line => line.StartsWith("Private_", StringComparison.Ordinal))
                .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
            return (kilobytes + 1023) >> 10;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
