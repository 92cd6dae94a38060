using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports;

/// <summary>The figures that the terminal's table and the page's show of each run, in parts.</summary>
internal static class Figures
{
    private static readonly int[] s_percents = [50, 75, 90, 95, 99];

    /// <summary>Some figures under one heading.</summary>
    internal sealed record Part(string Title, ImmutableArray<Row> Rows);

    /// <summary>One figure of all runs: its name with the unit, and its value in each run, as people write it.</summary>
    internal sealed record Row(string Name, ImmutableArray<string> Values);

    /// <summary>The few that say it all: one row for each run, under these heads.</summary>
    internal static ImmutableArray<string> Heads { get; } =
        ["GPU-hours saved", "of the oracle's", "delay p50, s", "delay p95, s", "GPUs at the first asking", "margin"];

    /// <summary>A run's figures under <see cref="Heads"/>.</summary>
    internal static ImmutableArray<string> Headline(RegimeResult result) =>
    [
        Hours(result.SavedGpuHours),
        Percent(result.SavedShare),
        Seconds(result.InteractivityDelay.Percentile(50)),
        Seconds(result.InteractivityDelay.Percentile(95)),
        Percent(result.ShareImmediate),
        Percent(result.Billing.Margin),
    ];

    /// <summary>All figures of some runs.</summary>
    internal static ImmutableArray<Part> Of(ImmutableArray<RegimeResult> results)
    {
        Row Line(string name, Func<RegimeResult, string> value) => new(name, [.. results.Select(value)]);
        return
        [
            new("GPU-hours",
            [
                Line("busy", result => Hours(result.BusyGpuHours)),
                Line("leased", result => Hours(result.LeasedGpuHours)),
                Line("provisioned", result => Hours(result.ProvisionedGpuHours)),
                Line("reservation would hold", result => Hours(result.ReservedGpuHours)),
                Line("saved", result => Hours(result.SavedGpuHours)),
                Line("an oracle would save", result => Hours(result.OracleSavedGpuHours)),
                Line("saved, of the oracle's", result => Percent(result.SavedShare)),
            ]),
            new("interactivity delay, seconds", [.. Times(result => result.InteractivityDelay)]),
            new("task completion time, seconds", [.. Times(result => result.TaskCompletion)]),
            new("cells",
            [
                Line("submitted", result => Count(result.Facts.Cells.Length)),
                .. Enum.GetValues<CellEnd>().Select(end => Line(Ended(end), result => Count(result.Outcomes.First(cells => cells.End == end).Cells))),
                Line("GPUs at the first asking", result => Percent(result.ShareImmediate)),
                Line("at the same executor", result => Percent(result.ShareSameExecutor)),
                Line("fairness (Jain)", result => result.Fairness is { } index ? Number(index, "0.000") : "-"),
            ]),
            new("cluster, mean (most)",
            [
                Line("GPUs provisioned", result => MeanAndMax(result, result.Facts.Series.ProvisionedGpus)),
                Line("servers", result => MeanAndMax(result, result.Facts.Series.Servers)),
                Line("subscription ratio", result => MeanAndMax(result, result.SubscriptionRatio)),
                Line("sessions", result => MeanAndMax(result, result.Facts.Series.Sessions)),
                Line("cells that run", result => MeanAndMax(result, result.Facts.Series.RunningCells)),
                Line("cells that wait for GPUs", result => MeanAndMax(result, result.Facts.Series.QueueLength)),
            ]),
            new("counted",
            [
                .. results.SelectMany(result => result.Facts.Counters).Select(counter => counter.Name).Distinct().Select(name => Line(
                    name.Replace('_', ' '),
                    result => result.Facts.Counters.Where(counter => counter.Name == name).Select(counter => Count(counter.Count)).FirstOrDefault("-"))),
            ]),
            new("money",
            [
                Line("provider's cost", result => Hours(result.Billing.Cost)),
                Line("revenue", result => Hours(result.Billing.Revenue)),
                Line("left", result => Hours(result.Billing.Profit)),
                Line("margin", result => Percent(result.Billing.Margin)),
            ]),
        ];

        IEnumerable<Row> Times(Func<RegimeResult, Distribution> of) =>
        [
            .. s_percents.Select(percent => Line($"p{percent}", result => Seconds(of(result).Percentile(percent)))),
            Line("most", result => Seconds(of(result).Max)),
            Line("mean", result => Seconds(of(result).Mean)),
        ];
    }

    /// <summary>What the price model of a run says, in a sentence.</summary>
    internal static string Prices(PriceModel prices) => string.Create(
        CultureInfo.InvariantCulture,
        $"A GPU-hour of a server costs {prices.ProviderPerGpuHour:0.####}, in use or not. Users pay {prices.UseFactor:0.####} times that for a GPU-hour that is leased to them, and {prices.StandbyFactor * 100:0.####} % of it for one that is promised to their replicas and not leased.");

    private static string Ended(CellEnd end) => end switch
    {
        CellEnd.Ok => "ended well",
        CellEnd.Lost => "lost with their executor",
        CellEnd.Refused => "refused",
        CellEnd.Unfinished => "unfinished",
        _ => throw new ArgumentOutOfRangeException(nameof(end)),
    };

    private static string MeanAndMax(RegimeResult result, StepSeries series) =>
        $"{Short(series.MeanUntil(result.Facts.End))} ({Short(series.MaxUntil(result.Facts.End))})";

    private static string Short(double value) => Number(value, value < 10 ? "0.##" : value < 100 ? "0.#" : "#,0");

    internal static string Hours(double hours) => Number(hours, Math.Abs(hours) switch
    {
        0 or >= 10 and < 1_000 => "0.0",
        < 10 => "0.000",   // a minute of a few GPUs is no zero
        _ => "#,0",
    });

    internal static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    internal static string Percent(double? share) => share is { } part ? Number(part * 100, "0.0") + " %" : "-";

    internal static string Seconds(double? seconds) => seconds switch
    {
        null => "-",
        < 10 => Number(seconds.Value, "0.000"),
        < 1_000 => Number(seconds.Value, "0.0"),
        _ => Number(seconds.Value, "#,0"),
    };

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
