using System.Diagnostics;

namespace Notebook.Bench;

/// <summary>The share of one core that a process takes while nothing is asked of it.</summary>
internal static class ProcessorShare
{
    private const int Looks = 5;

    /// <summary>Looks for a while.</summary>
    /// <returns>1 for a whole core; the middle one of five looks, so that one collection of garbage does not count for all.</returns>
    public static async Task<double> OfAsync(Process process, TimeSpan window, CancellationToken stop)
    {
        var shares = new double[Looks];
        for (var look = 0; look < Looks; look++)
        {
            process.Refresh();
            var (since, before) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
            await Task.Delay(window / Looks, TimeProvider.System, stop);
            process.Refresh();
            shares[look] = (process.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(since);
        }

        Array.Sort(shares);
        return shares[Looks / 2];
    }
}
