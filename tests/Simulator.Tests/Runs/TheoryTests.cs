using Notebook.Simulator.Model;
using Notebook.Simulator.Runs;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Runs;

/// <summary>Runs beside answers that come from elsewhere: a formula of queueing theory, and a model of a few lines.</summary>
public sealed class TheoryTests
{
    private const int Gpus = 8;
    private static readonly TimeSpan s_service = TimeSpan.FromMinutes(10);

    /// <summary>
    /// One server, each session one cell of one GPU: M/M/8, whose mean wait Erlang's formula gives (A. K. Erlang, 1917). A thousand
    /// cells say little of a mean; so they are compared with the model of a few lines on the same cells, and that with the formula.
    /// </summary>
    [Fact]
    public void The_mean_wait_at_one_server_is_that_of_an_mmc_queue()
    {
        const double Load = 0.8;
        var expected = MeanWait(FirstComeFirstServed(Poisson(1_000_000, Load)));
        Assert.InRange(expected / ErlangWait(Gpus, Load, s_service.TotalMinutes), 0.97, 1.03);

        var few = Poisson(1_000, Load);
        var facts = SimulationRun.Execute(OneServer(new Trace("mmc", few)));
        Assert.Empty(facts.Violations);
        var waited = facts.Cells.Average(c => (c.Started!.Value - c.Submitted).TotalMinutes);
        Assert.InRange(waited / MeanWait(FirstComeFirstServed(few)), 0.99, 1.01);
    }

    [Fact]
    public void At_one_server_cells_start_when_a_model_of_a_few_lines_says()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var random = new Random(seed);
            var cells = new List<TraceCell>();
            for (var session = 0; session < 40; session++)
                cells.Add(new(session, TimeSpan.FromMinutes(random.Next(0, 120) + (session / 100.0)), TimeSpan.FromMinutes(random.Next(1, 40)), 4));
            var trace = new Trace("tiny", cells);
            var started = SimulationRun.Execute(OneServer(trace)).Cells.ToDictionary(c => c.Session, c => c.Started!.Value);
            foreach (var (cell, expected) in FirstComeFirstServed(trace.Cells))
                Assert.InRange((started[cell.Session] - expected).TotalSeconds, -0.001, 2);   // what a cell costs beside its code adds up
        }
    }

    private static RunOptions OneServer(Trace trace) => new()
    {
        Trace = trace,
        Regime = "gandiva",   // one replica, first come first served
        MaxServers = 1,
        Limits = new(1000, 1000, 1000),
        Model = new ServerModel { GpusPerServer = Gpus, StateBytes = new LogNormal(1e6, 0), GpuStateBytes = new LogNormal(1e6, 0) },
    };

    private static List<TraceCell> Poisson(int sessions, double load)
    {
        var chance = SplitMix64.Of(20_260, 0);
        var at = 0.0;
        var cells = new List<TraceCell>(sessions);
        for (var session = 0; session < sessions; session++)
        {
            at += Exponential(s_service.TotalMinutes / (Gpus * load));
            cells.Add(new(session, TimeSpan.FromMinutes(at), TimeSpan.FromMinutes(Exponential(s_service.TotalMinutes)), 1));
        }

        return cells;

        double Exponential(double mean) => -mean * Math.Log(1 - chance.Share());
    }

    private static double MeanWait(IEnumerable<(TraceCell Cell, TimeSpan Start)> started) => started.Average(s => (s.Start - s.Cell.Submit).TotalMinutes);

    /// <summary>All cells ask for as many GPUs: who comes first has the first that become free.</summary>
    private static IEnumerable<(TraceCell Cell, TimeSpan Start)> FirstComeFirstServed(IReadOnlyList<TraceCell> cells)
    {
        var free = new PriorityQueue<int, TimeSpan>(Enumerable.Range(0, Gpus / cells[0].Gpus).Select(slot => (slot, TimeSpan.Zero)));
        foreach (var cell in cells)
        {
            free.TryDequeue(out var slot, out var at);
            var start = at > cell.Submit ? at : cell.Submit;
            free.Enqueue(slot, start + cell.Duration);
            yield return (cell, start);
        }
    }

    /// <summary>Erlang's C formula: the mean wait with so many servers, their load and mean service time.</summary>
    private static double ErlangWait(int servers, double load, double service)
    {
        var offered = servers * load;
        var (term, sum) = (1.0, 0.0);
        for (var n = 0; n < servers; n++)
        {
            sum += term;
            term *= offered / (n + 1);
        }

        var waits = term / (1 - load) / (sum + (term / (1 - load)));
        return waits * service / (servers * (1 - load));
    }
}
