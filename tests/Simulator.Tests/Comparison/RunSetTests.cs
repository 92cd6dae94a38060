using System.Collections.Concurrent;
using Notebook.Grains.Policies.Catalog;
using Notebook.Simulator.Comparison;
using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;
using Notebook.Simulator.Tests.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Comparison;

public class RunSetTests
{
    [Fact]
    public void Runs_come_back_in_the_order_in_which_they_were_asked_for_with_their_labels()
    {
        var made = RunSet.Make([Run("c"), Run("a"), Run("b")], 3, (_, _) => { }, default);
        Assert.Equal(["c", "a", "b"], made.Select(run => run!.Facts.Name));
        Assert.All(made, run => Assert.Empty(run!.Violations));
        Assert.All(made, run => Assert.False(run!.Facts.IsPartial));
    }

    [Fact]
    public void A_cancelled_set_keeps_what_it_has_and_begins_nothing_more()
    {
        using var cancel = new CancellationTokenSource();
        var told = new ConcurrentBag<int>();
        var made = RunSet.Make([Run("first"), Run("second")], 1, (i, time) =>
        {
            told.Add(i);
            if (time > TimeSpan.FromMinutes(5)) cancel.Cancel();
        }, cancel.Token);
        var first = Assert.IsType<MadeRun>(made[0]);
        Assert.True(first.Facts.IsPartial);
        Assert.InRange(first.Facts.End, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(60));
        Assert.Empty(first.Violations);
        Assert.Null(made[1]);
        Assert.DoesNotContain(1, told);
    }

    [Fact]
    public void A_run_that_cannot_be_ends_the_others_and_is_told() =>
        Assert.Throws<PolicyException>(() => RunSet.Make([Run("good"), new PlannedRun(Run("x").Options with { Regime = "none such" })], 2, (_, _) => { }, default));

    private static PlannedRun Run(string label)
    {
        Assert.True(new TraceWindow(TimeSpan.Zero, TimeSpan.FromMinutes(60)).TryCut(Excerpt.Read(), out var trace));
        return new PlannedRun(new RunOptions { Trace = trace }, label);
    }
}
