using System.Text.Json.Nodes;
using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;

namespace Notebook.Bench.Simulation;

/// <summary>Ten times the sessions in the same time: ten times the cells, and about as many times the servers.</summary>
internal static class GrowthPart
{
    private const int Times = 10;
    private const double MostTimes = 12;
    private const int CellsPerSession = 200;
    private static readonly TimeSpan s_length = TimeSpan.FromDays(7);

    public static PartReport Run(int cells, Progress progress, CancellationToken stop)
    {
        _ = Timed.Run(Options(cells), progress, stop);   // the first one compiles
        var small = Timed.Run(Options(cells), progress, stop);
        var large = Timed.Run(Options(cells * Times), progress, stop);
        var perCell = large.Seconds / large.Facts.Cells.Length / (small.Seconds / small.Facts.Cells.Length);
        return new PartReport(
            "ten times the cells", [$"  {small}", $"  {large}"],
            new JsonObject { ["small"] = small.ToJson(), ["large"] = large.ToJson() },
            [new Bound("time for ten times the cells", Times * perCell, MostTimes)]);
    }

    private static RunOptions Options(int cells) => new()
    {
        Trace = TraceGenerator.Make(new TraceSize(Math.Max(1, cells / CellsPerSession), s_length, cells), 1),
    };
}
