namespace Notebook.Simulator.Reports.Plots;

/// <summary>
/// The picture that all plots with two axes share: size, grid, ticks and titles; and where a value lies in it. Its width is in the
/// picture's own units; the page makes it as wide as there is room.
/// </summary>
internal sealed class Frame(double width, double height, Axis x, Axis y)
{
    internal const double Top = 10;

    private const double Left = 58;
    private const double Right = 34;
    private const double Bottom = 42;

    internal double PlotBottom => height - Bottom;

    internal double X(double value) => Left + Math.Clamp(x.Place(value), 0, 1) * (width - Left - Right);

    internal double Y(double value) => PlotBottom - Math.Clamp(y.Place(value), 0, 1) * (PlotBottom - Top);

    /// <summary>The picture: grid below, then what is drawn, then the axes.</summary>
    internal MarkupText Around(string name, MarkupText drawn)
    {
        var svg = new MarkupText();
        svg.Add($"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{name}\">");
        foreach (var (value, _) in y.Ticks)
            svg.Add($"<line x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{Y(value)}\" y2=\"{Y(value)}\" stroke=\"{Palette.Grid}\"/>");
        foreach (var (value, _) in x.Ticks)
            svg.Add($"<line x1=\"{X(value)}\" x2=\"{X(value)}\" y1=\"{Top}\" y2=\"{PlotBottom}\" stroke=\"{Palette.Grid}\"/>");
        svg.Add($"{drawn}");
        svg.Add($"<line x1=\"{Left}\" x2=\"{width - Right}\" y1=\"{PlotBottom}\" y2=\"{PlotBottom}\" stroke=\"{Palette.Faint}\"/>");
        foreach (var (value, text) in y.Ticks)
            svg.Add($"<text x=\"{Left - 7}\" y=\"{Y(value) + 4}\" text-anchor=\"end\">{text}</text>");
        foreach (var (value, text) in x.Ticks)
            svg.Add($"<text x=\"{X(value)}\" y=\"{PlotBottom + 16}\" text-anchor=\"middle\">{text}</text>");
        svg.Add($"<text class=\"axis\" x=\"{(Left + width - Right) / 2}\" y=\"{height - 6}\" text-anchor=\"middle\">{x.Title}</text>");
        var middle = (Top + PlotBottom) / 2;
        svg.Add($"<text class=\"axis\" x=\"13\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 13 {middle})\">{y.Title}</text>");
        return svg.Add($"</svg>");
    }
}
