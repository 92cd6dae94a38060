using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Simulator.Results;
using Notebook.Simulator.Runs;

namespace Notebook.Bench.Simulation;

/// <summary>One run, and what it took.</summary>
internal sealed record Timed(RunFacts Facts, double Seconds, double PeakMb)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="InvalidOperationException">Something was left over, or the run was stopped.</exception>
    public static Timed Run(RunOptions options, Progress progress, CancellationToken stop)
    {
        var (start, shown) = (Stopwatch.GetTimestamp(), 0);
        var facts = SimulationRun.Execute(options, at =>
        {
            var share = (int)(100 * at / options.Trace.Length);
            if (share < shown + 10) return;
            shown = share;
            progress.Stage(string.Create(CultureInfo.InvariantCulture, $"{share} per cent of {options.Trace.Cells.Length} cells' time"));
        }, stop);
        stop.ThrowIfCancellationRequested();
        if (!facts.Violations.IsEmpty) throw new InvalidOperationException(facts.Violations[0]);
        using var process = Process.GetCurrentProcess();
        return new Timed(facts, Stopwatch.GetElapsedTime(start).TotalSeconds, process.PeakWorkingSet64 / 1048576.0);
    }

    /// <summary>Steps of virtual time that the run took.</summary>
    public long Steps => Facts.Counters.Single(c => c.Name == "steps").Count;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Facts.Cells.Length} cells, at most {Facts.Series.Servers.MaxUntil(Facts.End):0} servers: {Seconds:0.0} s, {Steps / 1e6:0.0} million steps, {PeakMb:0} MB at most");

    public JsonObject ToJson() => new()
    {
        ["cells"] = Facts.Cells.Length,
        ["servers"] = Facts.Series.Servers.MaxUntil(Facts.End),
        ["seconds"] = Math.Round(Seconds, 2),
        ["steps"] = Steps,
        ["peak_mb"] = Math.Round(PeakMb),
    };
}
