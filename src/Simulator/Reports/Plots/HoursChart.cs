using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports.Plots;

/// <summary>
/// Bars of GPU-hours, one for each run: what was paid for, in it what was leased, in it what cells ran on. A dashed line shows what
/// reservation would hold; the gap from a bar's end to it is what was saved.
/// </summary>
internal static class HoursChart
{
    private const double Left = 150;
    private const double Right = 210;
    private const double Bar = 26;
    private const double Row = 46;
    private const double Top = 34;
    private const double Width = 1_000;

    /// <summary>Draws the chart.</summary>
    internal static MarkupText Draw(ImmutableArray<RegimeResult> results)
    {
        var height = Top + results.Length * Row + 44;
        var axis = Axis.FromZero("GPU-hours", results.Max(result => Math.Max(result.ProvisionedGpuHours, result.ReservedGpuHours)), 8);
        var svg = new MarkupText();
        svg.Add($"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"GPU-hours of each run\">");
        foreach (var (value, name) in axis.Ticks)
        {
            svg.Add($"<line x1=\"{X(value)}\" x2=\"{X(value)}\" y1=\"{Top - 6}\" y2=\"{height - 40}\" stroke=\"{Palette.Grid}\"/>");
            svg.Add($"<text x=\"{X(value)}\" y=\"{height - 24}\" text-anchor=\"middle\">{name}</text>");
        }
        svg.Add($"<text class=\"axis\" x=\"{(Left + Width - Right) / 2}\" y=\"{height - 6}\" text-anchor=\"middle\">{axis.Title}</text>");
        foreach (var (result, i) in results.Select((result, i) => (result, i))) AddRun(svg, result, Top + i * Row);
        return svg.Add($"</svg>");

        double X(double hours) => Left + axis.Place(hours) * (Width - Left - Right);

        void AddRun(MarkupText to, RegimeResult result, double top)
        {
            to.Add($"<text class=\"name\" x=\"{Left - 10}\" y=\"{top + Bar / 2 + 5}\" text-anchor=\"end\">{result.Facts.Name}</text>");
            AddBar(to, top, Bar, "provisioned", result.ProvisionedGpuHours, Palette.Provisioned);
            AddBar(to, top + 4, Bar - 8, "leased", result.LeasedGpuHours, Palette.Leased);
            AddBar(to, top + 8, Bar - 16, "busy", result.BusyGpuHours, Palette.Busy);
            var reserved = X(result.ReservedGpuHours);
            to.Add($"<line x1=\"{reserved}\" x2=\"{reserved}\" y1=\"{top - 8}\" y2=\"{top + Bar + 8}\" stroke=\"{Palette.Ink}\" stroke-width=\"2\" stroke-dasharray=\"4 3\"><title>reservation would hold {Hours(result.ReservedGpuHours)} GPU-hours</title></line>");
            to.Add($"<text x=\"{Width - Right + 14}\" y=\"{top + 11}\" class=\"strong\">{Saved(result)}</text>");
            to.Add($"<text x=\"{Width - Right + 14}\" y=\"{top + 26}\">{Share(result)}</text>");
        }

        void AddBar(MarkupText to, double top, double thick, string what, double hours, string colour) => to.Add(
            $"<rect x=\"{Left}\" y=\"{top}\" width=\"{X(hours) - Left}\" height=\"{thick}\" fill=\"{colour}\"><title>{what}: {Hours(hours)} GPU-hours</title></rect>");
    }

    private static string Saved(RegimeResult result) => result.SavedGpuHours >= 0
        ? $"saves {Hours(result.SavedGpuHours)} GPU-hours"
        : $"takes {Hours(-result.SavedGpuHours)} more";

    private static string Share(RegimeResult result) => result switch
    {
        { SavedGpuHours: < 0 } => "than reservation would hold",
        { SavedShare: { } share } => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} % of the oracle's {Hours(result.OracleSavedGpuHours)}"),
        _ => "",
    };

    private static string Hours(double hours) => hours.ToString(Math.Abs(hours) < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture);
}
