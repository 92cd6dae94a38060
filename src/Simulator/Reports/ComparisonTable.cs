using System.Collections.Immutable;
using Notebook.Simulator.Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Notebook.Simulator.Reports;

/// <summary>The figures of runs side by side, for a terminal.</summary>
public static class ComparisonTable
{
    private static readonly Style s_bold = new(decoration: Decoration.Bold);

    private const int NamesWidth = 33;
    private const int RunWidth = 14;

    /// <summary>
    /// Makes tables with a column for each run: one, or several where the terminal is too narrow for all runs beside each other.
    /// Above them, in red, which runs are partial; below, the price model.
    /// </summary>
    /// <param name="results">The runs; at least one.</param>
    /// <param name="width">The terminal's width in characters.</param>
    public static IRenderable Of(ImmutableArray<RegimeResult> results, int width)
    {
        var beside = Math.Max(1, (width - NamesWidth) / RunWidth);
        return new Rows(
        [
            .. Notices(results),
            .. results.Chunk(beside).Select(some => Table([.. some])),
            new Text(Figures.Prices(results[0].Prices)),
        ]);
    }

    private static Table Table(ImmutableArray<RegimeResult> results)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("").NoWrap());
        foreach (var result in results)
            table.AddColumn(new TableColumn(new Text(result.Facts.Name, s_bold)).RightAligned().NoWrap());
        foreach (var part in Figures.Of(results).Where(part => part.Rows.Length > 0))
        {
            table.AddRow(new Text(part.Title, s_bold));
            foreach (var row in part.Rows) table.AddRow([new Text("  " + row.Name), .. row.Values.Select(value => new Text(value))]);
        }
        return table;
    }

    private static IEnumerable<IRenderable> Notices(ImmutableArray<RegimeResult> results) => results
        .Where(result => result.Facts.IsPartial)
        .Select(result => new Text(
            $"{result.Facts.Name}: PARTIAL, interrupted after {result.Facts.End.TotalHours:0.####} hours; what it had until then is below",
            new Style(Color.Red, decoration: Decoration.Bold)));
}
