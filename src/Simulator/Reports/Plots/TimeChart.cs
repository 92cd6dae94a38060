using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports.Plots;

/// <summary>A series in a time line.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="Series">Its values over time.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Dash">How its line is dashed; empty for a whole line.</param>
/// <param name="Filled">Whether the area below it is filled in place of a line.</param>
/// <param name="Until">Where it ends; null for the chart's end.</param>
internal sealed record TimeLine(
    string Name, StepSeries Series, string Colour, string Dash = "", bool Filled = false, TimeSpan? Until = null);

/// <summary>Plots series over time, as steps of the mean over short parts of it; with the values at each time as hover titles.</summary>
internal static class TimeChart
{
    private const int Parts = 420;
    private const int HoverParts = 105;

    /// <summary>Draws a chart.</summary>
    /// <param name="title">What it shows, for those who cannot see it.</param>
    /// <param name="unit">What the vertical axis counts.</param>
    /// <param name="lines">Its series, the lowest first.</param>
    /// <param name="end">Where time ends.</param>
    /// <param name="max">The value that the vertical axis reaches at least; null for the highest of the series' parts.</param>
    /// <param name="width">The picture's width in its own units.</param>
    /// <param name="height">Its height.</param>
    internal static MarkupText Draw(
        string title, string unit, ImmutableArray<TimeLine> lines, TimeSpan end, double? max = null, double width = 1_000, double height = 200)
    {
        var sampled = lines.Select(line => line.Series.Sample(end, Parts)).ToImmutableArray();
        var top = max ?? Top(lines, end);
        var frame = new Frame(
            width, height, Axis.Time(end.TotalHours), Axis.FromZero(unit, top, height < 200 ? 3 : 4));
        var drawn = new MarkupText();
        foreach (var (line, parts) in lines.Zip(sampled))
        {
            var steps = Steps(parts, line.Until ?? end).Select(step => (X: frame.X(step.Hours), Y: frame.Y(step.Value))).ToList();
            if (line.Filled)
            {
                var area = steps.Prepend((frame.X(0), frame.Y(0))).Append((frame.X(end.TotalHours), frame.Y(0)));
                drawn.Add($"<path d=\"{MarkupText.Path(area)}Z\" fill=\"{line.Colour}\"/>");
            }
            else
            {
                drawn.Add($"<path d=\"{MarkupText.Path(steps)}\" fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"1.8\" stroke-dasharray=\"{line.Dash}\"/>");
            }
        }
        AddHovers(drawn, frame, lines, end);
        return frame.Around(title, drawn);
    }

    /// <summary>The highest value that the lines of a chart reach.</summary>
    internal static double Top(ImmutableArray<TimeLine> lines, TimeSpan end) =>
        lines.Max(line => line.Series.Sample(end, Parts).Max(part => part.Mean));

    private static IEnumerable<(double Hours, double Value)> Steps(ImmutableArray<StepSeries.Part> parts, TimeSpan end)
    {
        for (var i = 0; i < parts.Length && parts[i].From < end; i++)
        {
            if (i > 0 && i < parts.Length - 1 && parts[i].Mean == parts[i - 1].Mean && parts[i].Mean == parts[i + 1].Mean) continue;
            yield return (parts[i].From.TotalHours, parts[i].Mean);
            yield return ((i + 1 < parts.Length ? parts[i + 1].From : end).TotalHours, parts[i].Mean);
        }
    }

    private static void AddHovers(MarkupText drawn, Frame frame, ImmutableArray<TimeLine> lines, TimeSpan end)
    {
        var sampled = lines.Select(line => line.Series.Sample(end, HoverParts)).ToImmutableArray();
        for (var i = 0; i < HoverParts; i++)
        {
            var (from, until) = (sampled[0][i].From, i + 1 < HoverParts ? sampled[0][i + 1].From : end);
            var values = lines.Zip(sampled).Select(line => $"{line.First.Name}: {line.Second[i].Mean.ToString("0.##", CultureInfo.InvariantCulture)}");
            var text = $"hour {from.TotalHours.ToString("0.##", CultureInfo.InvariantCulture)}\n{string.Join('\n', values)}";
            var (left, right) = (frame.X(from.TotalHours), frame.X(until.TotalHours));
            drawn.Add($"<rect class=\"hover\" x=\"{left}\" y=\"{Frame.Top}\" width=\"{right - left}\" height=\"{frame.PlotBottom - Frame.Top}\"><title>{text}</title></rect>");
        }
    }
}
