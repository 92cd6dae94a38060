using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;

namespace Notebook.Bench.Simulation;

/// <summary>A month of real work, with regime <c>notebookos</c>.</summary>
internal static class MonthPart
{
    private const double MostSeconds = 60;
    private const double MostMb = 2048;

    public static PartReport Run(string? file, Progress progress, CancellationToken stop)
    {
        var trace = file is not null && TraceReader.ReadFile(file, new TraceRules()) is TraceReading.Read { Trace: var read } ? read : TraceGenerator.Make(TraceSize.June, 1);
        var run = Timed.Run(new RunOptions { Trace = trace }, progress, stop);
        return new PartReport(
            $"a month of work ({trace.Name})", [$"  {run}"], run.ToJson(),
            [new Bound("time", run.Seconds, MostSeconds, " s"), new Bound("memory", run.PeakMb, MostMb, " MB")]);
    }
}
