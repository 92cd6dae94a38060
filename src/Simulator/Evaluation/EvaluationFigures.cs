using System.Collections.Immutable;
using Notebook.Simulator.Reports.Plots;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Evaluation;

/// <summary>The pictures of an evaluation, each a file of its own.</summary>
internal static class EvaluationFigures
{
    /// <summary>What was paid for, by run.</summary>
    internal static string Hours(ImmutableArray<RegimeResult> results) => SvgFile.Of(
        HoursChart.Draw(results),
        [("provisioned", Palette.Provisioned, ""), ("leased", Palette.Leased, ""), ("busy", Palette.Busy, ""), ("reservation would hold", Palette.Ink, "4 3")]);

    /// <summary>How long people waited, by run.</summary>
    internal static string Delay(ImmutableArray<RegimeResult> results) => SvgFile.Of(
        CdfChart.Draw(
            "interactivity delay: from submission to start",
            [.. results.Select((result, i) => (result.Facts.Name, result.InteractivityDelay, Palette.Of(i), Palette.Dash(i)))],
            width: 820,
            height: 340),
        [.. results.Select((result, i) => (result.Facts.Name, Palette.Of(i), Palette.Dash(i)))]);

    /// <summary>GPUs of one run over time.</summary>
    internal static string Gpus(RegimeResult result)
    {
        var series = result.Facts.Series;
        return SvgFile.Of(
            TimeChart.Draw(
                "GPUs over time",
                "GPUs",
                [
                    new("leased", series.LeasedGpus, Palette.Leased, Filled: true),
                    new("busy", series.BusyGpus, Palette.Busy, Filled: true),
                    new("reservation would hold", series.ReservedGpus, Palette.Reserved, "6 4"),
                    new("provisioned", series.ProvisionedGpus, Palette.Provisioned),
                ],
                result.Facts.End,
                height: 260),
            [("busy", Palette.Busy, ""), ("leased", Palette.Leased, ""), ("provisioned", Palette.Provisioned, ""), ("reservation would hold", Palette.Reserved, "6 4")]);
    }
}
