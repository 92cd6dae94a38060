using System.Globalization;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports;

/// <summary>
/// Writes what runs counted over time: one line for each of equal parts of the time, with the mean over it, so that sums over the
/// lines give the hours of the results.
/// </summary>
public static class SeriesCsv
{
    private static readonly (string Name, Func<RegimeResult, StepSeries> Of)[] s_columns =
    [
        ("provisioned_gpus", result => result.Facts.Series.ProvisionedGpus),
        ("leased_gpus", result => result.Facts.Series.LeasedGpus),
        ("busy_gpus", result => result.Facts.Series.BusyGpus),
        ("reserved_gpus", result => result.Facts.Series.ReservedGpus),
        ("promised_gpus", result => result.Facts.Series.PromisedGpus),
        ("subscription_ratio", result => result.SubscriptionRatio),
        ("servers", result => result.Facts.Series.Servers),
        ("sessions", result => result.Facts.Series.Sessions),
        ("running_cells", result => result.Facts.Series.RunningCells),
        ("queue_length", result => result.Facts.Series.QueueLength),
    ];

    /// <summary>Writes the series of runs, run by run.</summary>
    /// <param name="results">The runs.</param>
    /// <param name="to">Where to.</param>
    /// <param name="parts">Lines for each run; at least 1.</param>
    public static void Write(IEnumerable<RegimeResult> results, TextWriter to, int parts = 1_000)
    {
        to.Write($"run,from_s,{string.Join(',', s_columns.Select(column => column.Name))}\n");
        foreach (var result in results)
        {
            var columns = s_columns.Select(column => column.Of(result).Sample(result.Facts.End, parts)).ToArray();
            for (var i = 0; i < parts; i++)
            {
                to.Write(string.Create(CultureInfo.InvariantCulture, $"{CsvText.Quoted(result.Facts.Name)},{CsvText.Seconds(columns[0][i].From)}"));
                foreach (var column in columns) to.Write($",{CsvText.Number(column[i].Mean)}");
                to.Write('\n');
            }
        }
    }
}
