using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Notebook.Simulator.Reports.Plots;

namespace Notebook.Simulator.Evaluation;

/// <summary>Makes a file of a picture that is drawn for a page: its styles, a white ground and a legend above it come with it.</summary>
internal static partial class SvgFile
{
    private const double Line = 22;
    private const double Left = 58;

    // About what a letter of the legend takes, and the line before each name with the room around it.
    private const double Letter = 6.6;
    private const double Key = 52;

    /// <summary>Makes the file's text.</summary>
    /// <param name="picture">The picture, an svg element with a view box.</param>
    /// <param name="legend">Name, colour and dash of what is in it.</param>
    internal static string Of(MarkupText picture, ImmutableArray<(string Name, string Colour, string Dash)> legend)
    {
        var text = picture.ToString();
        var size = ViewBox().Match(text);
        var (width, height) = (Number(size.Groups[1].Value), Number(size.Groups[2].Value));
        var keys = Keys(legend, width);
        var top = (keys.IsEmpty ? 0 : keys[^1].Y) + 30;
        var svg = new MarkupText();
        svg.Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height + top}\" width=\"{width}\" height=\"{height + top}\">\n");
        svg.Raw("<style>text { font: 12px system-ui, \"Segoe UI\", \"Helvetica Neue\", Arial, sans-serif; fill: #4b5563 } .axis { fill: #1f2937 } .name { fill: #1f2937; font-size: 14px; font-weight: 600 } .strong { fill: #1f2937; font-size: 13px; font-weight: 600 } .hover { fill-opacity: 0 }</style>\n");
        svg.Add($"<rect width=\"{width}\" height=\"{height + top}\" fill=\"#ffffff\"/>\n");
        foreach (var ((name, colour, dash), (x, y)) in legend.Zip(keys))
            svg.Add($"<line x1=\"{x}\" x2=\"{x + 24}\" y1=\"{y + 16}\" y2=\"{y + 16}\" stroke=\"{colour}\" stroke-width=\"4\" stroke-dasharray=\"{dash}\"/><text x=\"{x + 31}\" y=\"{y + 20}\">{name}</text>\n");
        svg.Add($"<svg y=\"{top}\" width=\"{width}\" height=\"{height}\"").Raw(text["<svg".Length..]);
        return svg.Raw("\n</svg>\n").ToString();
    }

    // Where each entry of the legend begins: in a line beside the others, or in the next where it has no room.
    private static ImmutableArray<(double X, double Y)> Keys(ImmutableArray<(string Name, string Colour, string Dash)> legend, double width)
    {
        var keys = ImmutableArray.CreateBuilder<(double, double)>(legend.Length);
        var (x, y) = (Left, 0.0);
        foreach (var (name, _, _) in legend)
        {
            var room = Key + Letter * name.Length;
            if (x > Left && x + room > width) (x, y) = (Left, y + Line);
            keys.Add((x, y));
            x += room;
        }

        return keys.MoveToImmutable();
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"viewBox=""0 0 ([0-9.]+) ([0-9.]+)""")]
    private static partial Regex ViewBox();
}
