using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Reports.Plots;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports;

/// <summary>
/// Writes one page about runs: what they saved, how long people waited, what happened over time, all figures, and what was
/// assumed. It needs nothing but itself: pictures are in it, there is no script, and it asks no server.
/// </summary>
public static class HtmlReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="results">The runs, at least one, all of one trace and window.</param>
    /// <param name="to">Where to.</param>
    public static void Write(ImmutableArray<RegimeResult> results, TextWriter to)
    {
        var page = new MarkupText();
        page.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width\"/>\n");
        page.Add($"<title>{Title(results)}</title>\n<style>\n").Raw(PageStyle.Css).Raw("</style>\n</head>\n<body>\n<main>\n");
        AddHead(page, results);
        AddSavings(page, results);
        AddWaiting(page, results);
        AddTimeLines(page, results);
        AddFigures(page, results);
        AddAssumptions(page, results);
        page.Raw("</main>\n</body>\n</html>\n");
        to.Write(page);
    }

    private static string Title(ImmutableArray<RegimeResult> results) => results[0].Facts is var facts && facts.Window is { } window
        ? $"Simulation of {facts.Trace}, {window}"
        : $"Simulation of {facts.Trace}";

    private static void AddHead(MarkupText page, ImmutableArray<RegimeResult> results)
    {
        var facts = results[0].Facts;
        var sessions = facts.Cells.Select(cell => cell.Session).Distinct().Count();
        page.Add($"<h1>{Title(results)}</h1>\n<p class=\"lead\">{Count(facts.Cells.Length)} cells of {Count(sessions)} sessions in {Number(facts.End.TotalHours)} hours, played through the production grains and policies in virtual time; seed {facts.Seed}.</p>\n");
        foreach (var result in results.Where(result => result.Facts.IsPartial))
        {
            page.Add($"<p class=\"partial\"><strong>Partial.</strong> The run {result.Facts.Name} was interrupted after {Number(result.Facts.End.TotalHours)} hours. What is here is true for that time, and does not compare with runs that went on.</p>\n");
        }
        page.Raw("<div class=\"wide\"><table class=\"headline\">\n<thead><tr><th></th>");
        foreach (var head in Figures.Heads) page.Add($"<th>{head}</th>");
        page.Raw("</tr></thead>\n<tbody>\n");
        foreach (var (result, i) in results.Select((result, i) => (result, i)))
        {
            page.Add($"<tr><th><i style=\"border-top: 4px {Line(Palette.Dash(i))} {Palette.Of(i)}\"></i>{result.Facts.Name}{(result.Facts.IsPartial ? " (partial)" : "")}</th>");
            foreach (var value in Figures.Headline(result)) page.Add($"<td>{value}</td>");
            page.Raw("</tr>\n");
        }
        page.Raw("</tbody></table></div>\n");
    }

    private static void AddSavings(MarkupText page, ImmutableArray<RegimeResult> results)
    {
        page.Raw("<h2>What was saved</h2>\n<p>GPU-hours of the servers that were paid for. The dashed mark is what <em>reservation</em> would hold, which gives each session its GPUs from its first cell on; an oracle would pay for the busy ones alone.</p>\n");
        AddLegend(page, [("provisioned", Palette.Provisioned, ""), ("leased", Palette.Leased, ""), ("busy", Palette.Busy, ""), ("reservation would hold", Palette.Ink, "dash")]);
        page.Add($"<figure>{HoursChart.Draw(results)}</figure>\n");
    }

    private static void AddWaiting(MarkupText page, ImmutableArray<RegimeResult> results)
    {
        page.Raw("<h2>How long people waited</h2>\n<p>The share of cells that waited at most so long. Points mark p50, p95 and p99.</p>\n");
        AddRunLegend(page, results);
        page.Add($"<div class=\"pair\"><figure>{Cdf("interactivity delay: from submission to start", results, result => result.InteractivityDelay)}</figure>");
        page.Add($"<figure>{Cdf("task completion time: from submission to reply", results, result => result.TaskCompletion)}</figure></div>\n");
    }

    private static MarkupText Cdf(string title, ImmutableArray<RegimeResult> results, Func<RegimeResult, Distribution> of) =>
        CdfChart.Draw(title, [.. results.Select((result, i) => (result.Facts.Name, of(result), Palette.Of(i), Palette.Dash(i)))]);

    private static void AddTimeLines(MarkupText page, ImmutableArray<RegimeResult> results)
    {
        page.Raw("<h2>What happened over time</h2>\n<p>GPUs of each run. Point at a picture for the values of that time.</p>\n");
        AddLegend(page, [("busy", Palette.Busy, ""), ("leased", Palette.Leased, ""), ("provisioned", Palette.Provisioned, ""), ("reservation would hold", Palette.Reserved, "dash")]);
        var gpus = results.Select(result => (Result: result, Lines: Gpus(result.Facts.Series))).ToList();
        var top = gpus.Max(run => TimeChart.Top(run.Lines, run.Result.Facts.End));
        foreach (var (result, lines) in gpus)
            page.Add($"<h3>{result.Facts.Name}</h3><figure>{TimeChart.Draw($"GPUs of {result.Facts.Name}", "GPUs", lines, result.Facts.End, top)}</figure>\n");

        page.Raw("<h3>All runs</h3>\n");
        AddRunLegend(page, results);
        AddAll(page, results, "Subscription ratio: GPUs promised to replicas over GPUs there are and replicas of a kernel", "ratio", result => result.SubscriptionRatio);
        AddAll(page, results, "Sessions", "sessions", result => result.Facts.Series.Sessions);
        AddAll(page, results, "Cells that run", "cells", result => result.Facts.Series.RunningCells);
        AddAll(page, results, "Cells that wait for GPUs", "cells", result => result.Facts.Series.QueueLength);
    }

    private static ImmutableArray<TimeLine> Gpus(RunSeries series) =>
    [
        new("leased", series.LeasedGpus, Palette.Leased, Filled: true),
        new("busy", series.BusyGpus, Palette.Busy, Filled: true),
        new("reservation would hold", series.ReservedGpus, Palette.Reserved, "6 4"),
        new("provisioned", series.ProvisionedGpus, Palette.Provisioned),
    ];

    private static void AddAll(MarkupText page, ImmutableArray<RegimeResult> results, string title, string unit, Func<RegimeResult, StepSeries> of)
    {
        var lines = results.Select((result, i) => new TimeLine(result.Facts.Name, of(result), Palette.Of(i), Palette.Dash(i), Until: result.Facts.End)).ToImmutableArray();
        var end = results.Max(result => result.Facts.End);
        page.Add($"<figure><figcaption>{title}</figcaption>{TimeChart.Draw(title, unit, lines, end, height: 170)}</figure>\n");
    }

    private static void AddFigures(MarkupText page, ImmutableArray<RegimeResult> results)
    {
        page.Raw("<h2>All figures</h2>\n<div class=\"wide\"><table>\n<thead><tr><th></th>");
        foreach (var result in results) page.Add($"<th>{result.Facts.Name}</th>");
        page.Raw("</tr></thead>\n");
        foreach (var part in Figures.Of(results).Where(part => part.Rows.Length > 0))
        {
            page.Add($"<tbody><tr class=\"part\"><th colspan=\"{results.Length + 1}\">{part.Title}</th></tr>\n");
            foreach (var row in part.Rows)
            {
                page.Add($"<tr><th>{row.Name}</th>");
                foreach (var value in row.Values) page.Add($"<td>{value}</td>");
                page.Raw("</tr>\n");
            }
            page.Raw("</tbody>\n");
        }
        page.Raw("</table></div>\n");
    }

    private static void AddAssumptions(MarkupText page, ImmutableArray<RegimeResult> results)
    {
        page.Raw("<h2>What was assumed</h2>\n");
        AddSettings(page, "Policies", results, facts => facts.Policies);
        AddSettings(page, "Parameters", results, facts => facts.Parameters);
        page.Add($"<h3>Prices</h3>\n<p>{Figures.Prices(results[0].Prices)}</p>\n");
        page.Raw(PageStyle.Definitions);
    }

    private static void AddSettings(MarkupText page, string title, ImmutableArray<RegimeResult> results, Func<RunFacts, ImmutableArray<RunParameter>> of)
    {
        var names = results.SelectMany(result => of(result.Facts)).Select(setting => setting.Name).Distinct().ToList();
        if (names.Count == 0) return;
        page.Add($"<div class=\"wide\"><table>\n<thead><tr><th>{title}</th>");
        foreach (var result in results) page.Add($"<th>{result.Facts.Name}</th>");
        page.Raw("</tr></thead>\n<tbody>\n");
        foreach (var name in names)
        {
            page.Add($"<tr><th>{name}</th>");
            foreach (var result in results) page.Add($"<td>{of(result.Facts).FirstOrDefault(setting => setting.Name == name).Value ?? "-"}</td>");
            page.Raw("</tr>\n");
        }
        page.Raw("</tbody></table></div>\n");
    }

    private static void AddRunLegend(MarkupText page, ImmutableArray<RegimeResult> results) =>
        AddLegend(page, results.Select((result, i) => (result.Facts.Name, Palette.Of(i), Palette.Dash(i))));

    private static void AddLegend(MarkupText page, IEnumerable<(string Name, string Colour, string Dash)> entries)
    {
        page.Raw("<p class=\"legend\">");
        foreach (var (name, colour, dash) in entries)
            page.Add($"<span><i style=\"border-top: 4px {Line(dash)} {colour}\"></i>{name}</span> ");
        page.Raw("</p>\n");
    }

    private static string Line(string dash) => dash.Length > 0 ? "dashed" : "solid";

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}
