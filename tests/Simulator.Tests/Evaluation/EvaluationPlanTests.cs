using Notebook.Simulator.Evaluation;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Evaluation;

public class EvaluationPlanTests
{
    [Fact]
    public void It_compares_all_regimes_on_three_windows_and_the_whole_and_tries_settings_at_hour_350()
    {
        var plan = new EvaluationPlan(Cells(0, 351, 561), seed: 3, isQuick: false);
        Assert.Equal(["0h+17.5h", "350h+17.5h", "560h+17.5h", "the whole trace"], plan.Periods.Select(period => period.Name));
        Assert.Equal("350h+17.5h", plan.Main.Name);
        Assert.All(plan.Periods, period => Assert.Equal(
            ["reservation", "batch", "lcp", "gandiva", "notebookos", "notebookos"], period.Regimes.Append(period.Reference).Select(run => plan.Runs[run].Options.Regime)));
        Assert.All(plan.Periods, period => Assert.All(period.Regimes, run => Assert.Same(period.Trace, plan.Runs[run].Options.Trace)));
        Assert.All(plan.Runs, run => Assert.Equal(3, run.Options.Seed));
    }

    [Fact]
    public void What_is_ours_already_is_not_run_again()
    {
        var plan = new EvaluationPlan(Cells(351), seed: 1, isQuick: true);
        Assert.All(plan.Sweeps.Append(plan.Ablation), sweep => Assert.Contains(plan.Main.Regimes[^1], sweep.Points.Select(point => point.Run)));
        var used = plan.Sweeps.Append(plan.Ablation).SelectMany(sweep => sweep.Points).Select(point => point.Run).Concat(plan.Main.Regimes).Append(plan.Main.Reference);
        Assert.Equal(Enumerable.Range(0, plan.Runs.Length), used.Distinct().Order());
    }

    [Fact]
    public void Windows_without_a_cell_are_left_out() =>
        Assert.Equal(["350h+17.5h", "the whole trace"], new EvaluationPlan(Cells(351), seed: 1, isQuick: false).Periods.Select(period => period.Name));

    [Fact]
    public void A_quick_one_takes_an_hour_of_each_window_and_the_whole_where_no_window_has_a_cell()
    {
        Assert.Equal(["0h+1h", "350h+1h"], new EvaluationPlan(Cells(0, 350), seed: 1, isQuick: true).Periods.Select(period => period.Name));
        Assert.Equal(["the whole trace"], new EvaluationPlan(Cells(100), seed: 1, isQuick: true).Periods.Select(period => period.Name));
    }

    private static Trace Cells(params double[] hours) =>
        new("tiny", hours.Select(hour => new TraceCell(0, TimeSpan.FromHours(hour), TimeSpan.FromMinutes(1), 1)));
}
