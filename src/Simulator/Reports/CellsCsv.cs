using System.Globalization;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports;

/// <summary>Writes what became of each cell: one line each, times in seconds since the run's start, nothing for what did not happen.</summary>
public static class CellsCsv
{
    private const string Header =
        "run,session,index,gpus,submitted_s,leased_s,started_s,ended_s,released_s,interactivity_delay_s,"
        + "immediate,same_executor,replica,server,outcome\n";

    /// <summary>Writes the cells of runs, run by run.</summary>
    public static void Write(IEnumerable<RunFacts> runs, TextWriter to)
    {
        to.Write(Header);
        foreach (var run in runs)
            foreach (var cell in run.Cells)
                to.Write($"{CsvText.Quoted(run.Name)},{Row(cell)}\n");
    }

    private static string Row(CellFact cell) => string.Join(
        ',',
        cell.Session.ToString(CultureInfo.InvariantCulture),
        cell.Index.ToString(CultureInfo.InvariantCulture),
        cell.Gpus.ToString(CultureInfo.InvariantCulture),
        CsvText.Seconds(cell.Submitted),
        CsvText.Seconds(cell.Leased),
        CsvText.Seconds(cell.Started),
        CsvText.Seconds(cell.Ended),
        CsvText.Seconds(cell.Released),
        CsvText.Seconds(cell.Started - cell.Submitted),
        cell.Immediate ? "1" : "0",
        cell.SameExecutor ? "1" : "0",
        CsvText.Quoted(cell.Replica ?? ""),
        CsvText.Quoted(cell.Server ?? ""),
        cell.Outcome.ToString().ToLowerInvariant());
}
