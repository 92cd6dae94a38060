using System.Globalization;
using System.Text;

namespace Notebook.Simulator.Reports.Plots;

/// <summary>
/// Builds the text of an SVG picture or a page: numbers as every machine writes them, text from outside escaped. Elements are
/// written in the order in which they lie on each other.
/// </summary>
internal sealed class MarkupText
{
    private readonly StringBuilder _text = new();

    /// <summary>Appends markup; what is interpolated is escaped, numbers have up to two decimals.</summary>
    internal MarkupText Add(FormattableString markup)
    {
        var arguments = markup.GetArguments().Select(object? (argument) => argument switch
        {
            double number => Number(number),
            MarkupText inner => inner.ToString(),
            null => "",
            _ => Escaped(string.Format(CultureInfo.InvariantCulture, "{0}", argument)),
        });
        _text.AppendFormat(CultureInfo.InvariantCulture, markup.Format, [.. arguments]);
        return this;
    }

    /// <summary>Appends markup as it is.</summary>
    internal MarkupText Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Appends a polyline as the data of a path, <c>M0,0L1,1</c>.</summary>
    internal static string Path(IEnumerable<(double X, double Y)> points)
    {
        var data = new StringBuilder();
        foreach (var (x, y) in points) data.Append(data.Length == 0 ? 'M' : 'L').Append(Number(x)).Append(',').Append(Number(y));
        return data.ToString();
    }

    /// <summary>All of it.</summary>
    public override string ToString() => _text.ToString();

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Escaped(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);
}
