using System.Collections.Immutable;
using Notebook.Cli.Simulation;
using Notebook.Simulator.Comparison;
using Notebook.Simulator.Results;
using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Cli.Tests.Simulation;

public sealed class RunVerdictTests
{
    private static readonly ImmutableArray<PlannedRun> s_planned = [Plan("a"), Plan("b"), Plan("c")];

    [Fact]
    public void Whole_runs_without_a_broken_law_are_good() => Assert.Null(RunVerdict.Line(s_planned, [Made("a"), Made("b"), Made("c")]));

    [Fact]
    public void What_an_interruption_left_is_said() =>
        Assert.Equal("interrupted: a, b are partial; c is not run", RunVerdict.Line(s_planned, [Made("a", isPartial: true), Made("b", isPartial: true), null]));

    [Fact]
    public void Runs_that_were_never_begun_are_said_beside_whole_ones() =>
        Assert.Equal("interrupted: b, c are not run", RunVerdict.Line(s_planned, [Made("a"), null, null]));

    [Fact]
    public void Of_many_runs_the_first_are_named_and_the_others_counted() =>
        Assert.Equal(
            "interrupted: 0, 1, 2, 3, 4 and 35 others are not run",
            RunVerdict.Line([.. Enumerable.Range(0, 40).Select(run => Plan($"{run}"))], [.. Enumerable.Repeat<MadeRun?>(null, 40)]));

    [Fact]
    public void A_broken_law_goes_before_an_interruption() =>
        Assert.StartsWith(
            "2 laws that every run must keep were broken in a, such as: a cell ran twice.",
            RunVerdict.Line(s_planned, [Made("a", violations: ["a cell ran twice", "a GPU is left over"]), Made("b", isPartial: true), null]),
            StringComparison.Ordinal);

    private static PlannedRun Plan(string name) => new(
        new RunOptions { Trace = new Trace("tiny", [new TraceCell(0, TimeSpan.Zero, TimeSpan.FromMinutes(1), 1)]) }, name);

    private static MadeRun Made(string name, bool isPartial = false, params string[] violations) => new(
        new RunFacts
        {
            Regime = "notebookos",
            Label = name,
            Trace = "tiny",
            Seed = 1,
            ReplicasPerKernel = 3,
            End = TimeSpan.FromMinutes(1),
            IsPartial = isPartial,
            Cells = [],
            Series = new RunSeries(),
        },
        [.. violations]);
}
