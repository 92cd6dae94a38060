using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Runs;
using Notebook.Simulator.Tests.Traces;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Runs;

public sealed class SimulationRunTests
{
    private static readonly Trace s_trace = Few(Excerpt.Read());

    [Theory]
    [InlineData("notebookos")]
    [InlineData("reservation")]
    [InlineData("batch")]
    [InlineData("lcp")]
    [InlineData("gandiva")]
    public void Every_regime_runs_each_cell_once_on_leased_gpus_that_are_paid_for(string regime)
    {
        var facts = SimulationRun.Execute(new RunOptions { Trace = s_trace, Regime = regime });
        Assert.Empty(facts.Violations);
        Assert.Empty(Conservation.Violations(s_trace, facts, faultsInjected: false));
        Assert.Equal(0, facts.Counters.Single(c => c.Name == "lapsed_leases").Count);
        Assert.All(facts.Cells, cell => Assert.Equal(CellEnd.Ok, cell.Outcome));
        Assert.Equal(s_trace.Cells.Sum(c => c.Gpus * c.Duration.TotalHours), facts.Series.BusyGpus.HoursUntil(TimeSpan.FromDays(60)), 3);
    }

    [Fact]
    public void The_same_seed_gives_the_same_results_to_the_last_byte()
    {
        Assert.Equal(Json(seed: 3), Json(seed: 3));
        Assert.NotEqual(Json(seed: 3), Json(seed: 4));
    }

    [Fact]
    public void Reservation_holds_what_the_trace_says_and_leases_per_cell_hold_less()
    {
        var reserved = SimulationRun.Execute(new RunOptions { Trace = s_trace, Regime = "reservation" });
        var shared = SimulationRun.Execute(new RunOptions { Trace = s_trace });
        var hours = s_trace.Reserved().HoursUntil(s_trace.Length);
        Assert.InRange(reserved.Series.LeasedGpus.HoursUntil(s_trace.Length) / hours, 0.99, 1.05);   // and two minutes before each session's first cell
        Assert.True(shared.Series.LeasedGpus.HoursUntil(s_trace.Length) < 0.8 * hours);
    }

    [Fact]
    public void In_a_closed_loop_a_cell_waits_for_the_one_before_and_its_pause()
    {
        var trace = new Trace("two", [Cell(0, 10), Cell(10, 5), Cell(30, 5)]);
        var open = SimulationRun.Execute(new RunOptions { Trace = trace });
        var closed = SimulationRun.Execute(new RunOptions { Trace = trace, ClosedLoop = true });
        Assert.Equal(TimeSpan.FromMinutes(30), open.Cells[2].Submitted);
        Assert.True(closed.Cells[1].Submitted >= closed.Cells[0].Ended);
        Assert.Equal(TimeSpan.FromMinutes(15), closed.Cells[2].Submitted - closed.Cells[1].Ended!.Value);

        static TraceCell Cell(int submit, int minutes) => new(0, TimeSpan.FromMinutes(submit), TimeSpan.FromMinutes(minutes), 1);
    }

    [Fact]
    public void A_run_that_is_stopped_says_that_it_is_partial()
    {
        using var stop = new CancellationTokenSource();
        var facts = SimulationRun.Execute(new RunOptions { Trace = s_trace }, now =>
        {
            if (now > TimeSpan.FromHours(1)) stop.Cancel();
        }, stop.Token);
        Assert.True(facts.IsPartial);
        Assert.InRange(facts.End, TimeSpan.FromHours(1), s_trace.Length);
        Assert.Contains(facts.Cells, c => c.Outcome == CellEnd.Unfinished);
    }

    private static byte[] Json(int seed)
    {
        using var json = new MemoryStream();
        ResultJson.Write([RegimeResult.Of(SimulationRun.Execute(new RunOptions { Trace = s_trace, Seed = seed }), new PriceModel())], json);
        return json.ToArray();
    }

    /// <summary>The sessions of the excerpt's first day.</summary>
    private static Trace Few(Trace trace) =>
        new("few", trace.Sessions.Where(s => s.End < TimeSpan.FromDays(2)).SelectMany(s => s.Cells));
}
