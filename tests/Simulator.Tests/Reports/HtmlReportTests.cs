using System.Collections.Immutable;
using System.Xml.Linq;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Tests.Results;
using Notebook.Simulator.Tests.Traces;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Reports;

public class HtmlReportTests
{
    private static readonly Trace s_trace = Excerpt.Read();

    private static readonly ImmutableArray<RunFacts> s_runs = [NaiveRun.Reserving(s_trace), NaiveRun.Sharing(s_trace, TimeSpan.FromSeconds(90))];

    [Fact]
    public void It_has_a_picture_of_each_kind_and_one_time_line_of_gpus_for_each_run()
    {
        var pictures = Parsed(s_runs).Descendants("svg").Select(svg => svg.Attribute("aria-label")!.Value);
        Assert.Equal(
            [
                "GPU-hours of each run",
                "interactivity delay: from submission to start",
                "task completion time: from submission to reply",
                "GPUs of reservation",
                "GPUs of notebookos",
                "Subscription ratio: GPUs promised to replicas over GPUs there are and replicas of a kernel",
                "Sessions",
                "Cells that run",
                "Cells that wait for GPUs",
            ],
            pictures);
    }

    [Fact]
    public void It_needs_nothing_but_itself()
    {
        var page = Parsed(s_runs);
        Assert.Empty(page.Descendants("script").Concat(page.Descendants("link")).Concat(page.Descendants("img")));
        Assert.DoesNotContain("http", Page(s_runs), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", Page(s_runs), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_same_facts_give_the_same_page() => Assert.Equal(Page(s_runs), Page([NaiveRun.Reserving(s_trace), NaiveRun.Sharing(s_trace, TimeSpan.FromSeconds(90))]));

    [Fact]
    public void Names_from_outside_are_text_whatever_they_hold()
    {
        var runs = s_runs.SetItem(0, s_runs[0] with { Label = "<script>{0}&\"" });
        Assert.Contains(Parsed(runs).Descendants("th"), head => head.Value == "<script>{0}&\"");
    }

    [Fact]
    public void A_partial_run_says_so_loudly()
    {
        var page = Parsed([s_runs[0], s_runs[1] with { IsPartial = true, End = TimeSpan.FromHours(3) }]);
        Assert.StartsWith(
            "Partial. The run notebookos was interrupted after 3 hours.",
            page.Descendants("p").Single(p => (string?)p.Attribute("class") == "partial").Value,
            StringComparison.Ordinal);
        Assert.DoesNotContain("Partial.", Page(s_runs), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_which_nothing_happened_has_a_page() => Parsed(
    [
        new RunFacts
        {
            Regime = "notebookos",
            Trace = "none",
            Seed = 1,
            ReplicasPerKernel = 3,
            End = TimeSpan.FromMinutes(1),
            IsPartial = true,
            Cells = [],
            Series = new RunSeries(),
        },
    ]);

    [Fact]
    public void Settings_and_prices_are_stated()
    {
        var text = Parsed(s_runs).Root!.Value;
        Assert.Contains("gpus_per_server", text, StringComparison.Ordinal);
        Assert.Contains("Users pay 1.15 times that", text, StringComparison.Ordinal);
        Assert.Contains("12.5 % of it for one that is promised", text, StringComparison.Ordinal);
    }

    private static XDocument Parsed(ImmutableArray<RunFacts> runs) => XDocument.Parse(Page(runs));

    private static string Page(ImmutableArray<RunFacts> runs)
    {
        var page = new StringWriter();
        HtmlReport.Write([.. runs.Select(run => RegimeResult.Of(run, new PriceModel()))], page);
        return page.ToString();
    }
}
