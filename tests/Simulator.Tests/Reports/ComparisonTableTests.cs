using System.Collections.Immutable;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Tests.Results;
using Spectre.Console;
using Xunit;

namespace Notebook.Simulator.Tests.Reports;

public class ComparisonTableTests
{
    [Fact]
    public void Runs_stand_side_by_side_with_their_figures()
    {
        var lines = Shown(120, TinyRun.Facts with { Label = "one" }, TinyRun.Facts with { Label = "two", ReplicasPerKernel = 1 });
        Assert.Contains(["one", "two"], lines);
        Assert.Contains(["provisioned", "32.0", "32.0"], lines);
        Assert.Contains(["saved", "-10.0", "-10.0"], lines);
        Assert.Contains(["p95", "10.0", "10.0"], lines);
        Assert.Contains(["subscription ratio", "0.75 (0.75)", "1.5 (1.5)"], lines);
        Assert.Contains(["migrations", "1", "1"], lines);
    }

    [Fact]
    public void Runs_that_do_not_fit_beside_each_other_stand_below() =>
        Assert.Equal(3, Shown(60, TinyRun.Facts, TinyRun.Facts, TinyRun.Facts).Count(line => line is ["provisioned", "32.0"]));

    [Fact]
    public void A_partial_run_is_said_first() => Assert.StartsWith(
        "notebookos: PARTIAL, interrupted after 4 hours", Shown(120, TinyRun.Facts with { IsPartial = true })[0][0], StringComparison.Ordinal);

    [Fact]
    public void The_price_model_is_said_below() =>
        Assert.StartsWith("A GPU-hour of a server costs 1", Shown(400, TinyRun.Facts)[^1][0], StringComparison.Ordinal);

    private static List<string[]> Shown(int width, params RunFacts[] runs)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Write(ComparisonTable.Of(runs.Select(run => RegimeResult.Of(run, new PriceModel())).ToImmutableArray(), width));
        return [.. text.ToString().Split('\n')
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 0)];
    }
}
