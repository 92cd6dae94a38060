using Notebook.Simulator.Results;
using Xunit;

namespace Notebook.Simulator.Tests.Results;

public class RegimeResultTests
{
    private static readonly RegimeResult s_result = RegimeResult.Of(TinyRun.Facts, new PriceModel());

    [Fact]
    public void Hours_are_those_counted_by_hand()
    {
        Assert.Equal(4 + 4 + 1, s_result.BusyGpuHours, 1e-9);
        Assert.Equal(9, s_result.LeasedGpuHours, 1e-9);
        Assert.Equal(8 * 4, s_result.ProvisionedGpuHours, 1e-9);
        Assert.Equal(4 * 4 + 2 * 3, s_result.ReservedGpuHours, 1e-9);
        Assert.Equal(22 - 32, s_result.SavedGpuHours, 1e-9);
        Assert.Equal(22 - 9, s_result.OracleSavedGpuHours, 1e-9);
        Assert.Equal(-10 / 13.0, s_result.SavedShare!.Value, 1e-9);
    }

    [Fact]
    public void Delays_are_in_seconds_from_submission()
    {
        Assert.Equal([0, 2, 10], s_result.InteractivityDelay.Sorted.ToArray());
        Assert.Equal([1_802, 3_600, 3_610], s_result.TaskCompletion.Sorted.ToArray());
    }

    [Fact]
    public void Shares_are_of_the_cells_that_started_and_for_the_executor_of_those_with_one_before()
    {
        Assert.Equal(2 / 3.0, s_result.ShareImmediate);
        Assert.Equal(1, s_result.ShareSameExecutor);
    }

    [Fact]
    public void Fairness_is_jains_index_of_the_sessions_mean_slowdowns()
    {
        var (first, second) = ((1 + 3_610 / 3_600.0) / 2, 1_802 / 1_800.0);
        Assert.Equal((first + second) * (first + second) / (2 * (first * first + second * second)), s_result.Fairness!.Value, 1e-12);
    }

    [Fact]
    public void One_session_that_bears_all_delay_is_unfair()
    {
        var facts = TinyRun.Facts with
        {
            Cells = [.. TinyRun.Facts.Cells.Select(cell => cell.Session == 0 ? cell : cell with { Submitted = cell.Submitted - TimeSpan.FromHours(4_000) })],
        };
        Assert.InRange(RegimeResult.Of(facts, new PriceModel()).Fairness!.Value, 0.5, 0.501);
    }

    [Fact]
    public void The_subscription_ratio_is_promised_gpus_over_gpus_and_replicas() =>
        Assert.Equal(12 / (8.0 * 2), s_result.SubscriptionRatio.MeanUntil(TinyRun.Facts.End));

    [Fact]
    public void Use_standbys_and_servers_are_billed_by_the_price_model()
    {
        var bill = new PriceModel(ProviderPerGpuHour: 2, UseFactor: 1.15, StandbyFactor: 0.125).Bill(TinyRun.Facts);
        Assert.Equal(12 * 4 - 9, bill.StandbyGpuHours, 1e-9);
        Assert.Equal(2 * 32, bill.Cost, 1e-9);
        Assert.Equal(2 * (1.15 * 9 + 0.125 * 39), bill.Revenue, 1e-9);
        Assert.Equal((bill.Revenue - 64) / bill.Revenue, bill.Margin!.Value, 1e-12);
    }

    [Fact]
    public void A_run_without_an_end_of_any_cell_has_no_figures_where_there_are_none()
    {
        var facts = TinyRun.Facts with
        {
            IsPartial = true,
            Cells = [.. TinyRun.Facts.Cells.Select(cell => cell with { Started = null, Ended = null, Leased = null, Released = null, Outcome = CellEnd.Unfinished })],
        };
        var result = RegimeResult.Of(facts, new PriceModel());
        Assert.Equal((null, null, null), (result.ShareImmediate, result.Fairness, result.InteractivityDelay.Percentile(50)));
        Assert.Contains((CellEnd.Unfinished, 3), result.Outcomes);
    }
}
