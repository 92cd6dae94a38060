using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports.Plots;

/// <summary>
/// Plots which share of the values is at most how large, by powers of ten of seconds. Points on a line mark the percentiles 50, 95
/// and 99, with their values as hover titles.
/// </summary>
internal static class CdfChart
{
    private const int Ranks = 400;

    private static readonly double[] s_marked = [50, 95, 99];

    /// <summary>Draws a chart.</summary>
    /// <param name="title">What the values are; the horizontal axis is called so.</param>
    /// <param name="lines">Name, values in seconds, colour and dash of each line; the lowest first.</param>
    /// <param name="width">The picture's width in its own units.</param>
    /// <param name="height">Its height.</param>
    internal static MarkupText Draw(
        string title, ImmutableArray<(string Name, Distribution Seconds, string Colour, string Dash)> lines, double width = 490, double height = 300)
    {
        var with = lines.Where(line => line.Seconds.Count > 0).ToImmutableArray();
        var frame = new Frame(
            width,
            height,
            Axis.LogSeconds(title, with.IsEmpty ? 0.001 : with.Min(Shortest), with.IsEmpty ? 1 : with.Max(line => line.Seconds.Max!.Value)),
            Axis.Share("share of cells"));
        var drawn = new MarkupText();
        foreach (var (name, seconds, colour, dash) in with)
        {
            var points = Points(seconds).Select(point => (frame.X(point.Seconds), frame.Y(point.Share)));
            drawn.Add($"<path d=\"{MarkupText.Path(points)}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"><title>{name}</title></path>");
            foreach (var percent in s_marked)
            {
                var value = seconds.Percentile(percent)!.Value;
                drawn.Add($"<circle cx=\"{frame.X(value)}\" cy=\"{frame.Y(percent / 100)}\" r=\"3.2\" fill=\"{colour}\" stroke=\"#fff\"><title>{name}: p{percent} = {Text(value)} s</title></circle>");
            }
        }
        return frame.Around(title, drawn);
    }

    // Ten values of the same length in the plot are one: the axis starts at the shortest time but at a millisecond at least.
    private static double Shortest((string Name, Distribution Seconds, string Colour, string Dash) line) =>
        Math.Max(0.001, line.Seconds.Percentile(1)!.Value);

    // A step for each of the ranks, and each of the highest hundred values, since it is the tail that people wait in.
    private static IEnumerable<(double Seconds, double Share)> Points(Distribution values)
    {
        var indices = Enumerable.Range(1, Ranks)
            .Select(rank => (int)((long)rank * values.Count / Ranks) - 1)
            .Concat(Enumerable.Range(Math.Max(0, values.Count - 100), Math.Min(100, values.Count)))
            .Where(index => index >= 0)
            .Distinct()
            .Order();
        var share = 0.0;
        yield return (values.Sorted[0], 0);
        foreach (var index in indices)
        {
            yield return (values.Sorted[index], share);
            share = (index + 1.0) / values.Count;
            yield return (values.Sorted[index], share);
        }
    }

    private static string Text(double seconds) => seconds.ToString(seconds < 10 ? "0.###" : "#,0.#", CultureInfo.InvariantCulture);
}
