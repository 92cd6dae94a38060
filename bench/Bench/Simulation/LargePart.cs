using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;

namespace Notebook.Bench.Simulation;

/// <summary>A large cluster: as many servers all the time, and many sessions within a day.</summary>
internal static class LargePart
{
    private const double MostSeconds = 300;
    private const double MostMb = 4096;
    private const int CellsPerSession = 5;

    public static PartReport Run(int servers, int sessions, Progress progress, CancellationToken stop)
    {
        var options = new RunOptions
        {
            Trace = TraceGenerator.Make(new TraceSize(sessions, TimeSpan.FromDays(1), (long)sessions * CellsPerSession), 1),
            MinServers = servers,
            MaxServers = Math.Max(10_000, servers),
        };
        var run = Timed.Run(options, progress, stop);
        return new PartReport(
            $"{servers} servers and {sessions} sessions", [$"  {run}"], run.ToJson(),
            [new Bound("time", run.Seconds, MostSeconds, " s"), new Bound("memory", run.PeakMb, MostMb, " MB")]);
    }
}
