using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Notebook.Simulator.Results;
using Notebook.Simulator.Tests.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Results;

public class ConservationTests
{
    [Fact]
    public void Runs_that_keep_the_laws_have_no_violations() => Prop.ForAll(TraceProperties.Traces.ToArbitrary(), trace =>
    {
        Assert.Empty(Conservation.Violations(trace, NaiveRun.Reserving(trace), faultsInjected: false));
        Assert.Empty(Conservation.Violations(trace, NaiveRun.Sharing(trace, TimeSpan.FromSeconds(90)), faultsInjected: false));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_run_counted_by_hand_keeps_them() => Assert.Empty(Check(TinyRun.Facts));

    [Fact]
    public void Only_a_run_that_is_cut_short_may_end_before_a_cells_gpus_are_given_back()
    {
        var facts = TinyRun.Facts with { Cells = TinyRun.Facts.Cells.SetItem(0, TinyRun.Facts.Cells[0] with { Released = null }) };
        Assert.Contains("cell 0 of session 0 ended and kept its GPUs", Check(facts));
        Assert.DoesNotContain("cell 0 of session 0 ended and kept its GPUs", Check(facts with { IsPartial = true }));
    }

    [Fact]
    public void A_cell_that_is_not_recorded_is_told() =>
        Assert.Contains("cell 1 of session 0 is not recorded", Check(TinyRun.Facts with { Cells = TinyRun.Facts.Cells.RemoveAt(1) }));

    [Fact]
    public void A_cell_recorded_twice_is_told() =>
        Assert.Contains("cell 1 of session 0 is recorded 2 times", Check(TinyRun.Facts with { Cells = TinyRun.Facts.Cells.Add(TinyRun.Facts.Cells[1]) }));

    [Fact]
    public void A_cell_out_of_nowhere_is_told() => Assert.Contains("cell 9 of session 0 is not in the trace", With(0, cell => cell with { Index = 9 }));

    [Fact]
    public void A_lease_that_the_counted_gpus_do_not_show_is_told() => Assert.Contains(
        "at 3600 s GPUs those of cells' leases are 4, GPUs leased 0", With(0, cell => cell with { Released = TinyRun.Hours(1.5) }));

    [Fact]
    public void Leased_gpus_without_a_cell_are_told() => Assert.Contains(
        "at 0 s GPUs leased are 4, GPUs those of cells' leases 0", With(0, cell => cell with { Leased = TinyRun.Hours(0.5), Started = TinyRun.Hours(0.5) }));

    [Fact]
    public void Code_that_runs_without_a_lease_is_told() => Assert.Contains(
        "at 0 s GPUs busy are 4, GPUs leased 0",
        Check(TinyRun.Facts with { Series = TinyRun.Facts.Series with { LeasedGpus = new StepSeries() } }));

    [Fact]
    public void Leases_on_servers_that_nobody_pays_for_are_told() => Assert.Contains(
        "at 0 s GPUs leased are 4, GPUs provisioned 0",
        Check(TinyRun.Facts with { Series = TinyRun.Facts.Series with { ProvisionedGpus = new StepSeries() } }));

    [Fact]
    public void Two_cells_of_a_session_at_once_are_told() => Assert.Contains(
        "cell 1 of session 0 started at 7210 s, while the one before ran until 9000 s", With(0, cell => cell with { Ended = TinyRun.Hours(2.5) }));

    [Fact]
    public void A_cell_that_never_ended_is_told_but_in_a_run_that_was_interrupted()
    {
        var facts = Changed(1, cell => cell with { Ended = null, Outcome = CellEnd.Unfinished });
        Assert.Contains("cell 1 of session 0 never ended", Check(facts));
        Assert.DoesNotContain("cell 1 of session 0 never ended", Check(facts with { IsPartial = true }));
    }

    [Fact]
    public void A_lost_cell_is_told_but_where_faults_were_injected()
    {
        var facts = Changed(1, cell => cell with { Outcome = CellEnd.Lost });
        Assert.Contains("cell 1 of session 0 ended as Lost, and no fault was injected", Check(facts));
        Assert.Empty(Conservation.Violations(TinyRun.Trace, facts, faultsInjected: true));
    }

    [Fact]
    public void An_end_before_the_start_is_told() => Assert.Contains(
        "cell 0 of session 1 was ended at 3600 s, before it was started at 3602 s", With(2, cell => cell with { Ended = TinyRun.Hours(1) }));

    [Fact]
    public void The_first_twenty_are_told_and_the_others_counted()
    {
        var facts = TinyRun.Facts with { Cells = [.. Enumerable.Range(10, 30).Select(index => TinyRun.Facts.Cells[0] with { Index = index })] };
        var told = Check(facts);
        Assert.Equal(21, told.Length);
        Assert.StartsWith("and ", told[^1], StringComparison.Ordinal);
    }

    private static ImmutableArray<string> Check(RunFacts facts) => Conservation.Violations(TinyRun.Trace, facts, faultsInjected: false);

    private static ImmutableArray<string> With(int index, Func<CellFact, CellFact> change) => Check(Changed(index, change));

    private static RunFacts Changed(int index, Func<CellFact, CellFact> change) =>
        TinyRun.Facts with { Cells = TinyRun.Facts.Cells.SetItem(index, change(TinyRun.Facts.Cells[index])) };
}
