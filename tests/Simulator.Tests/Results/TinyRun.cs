using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Tests.Results;

/// <summary>
/// A run whose figures can be counted by hand: two sessions on one server of 8 GPUs for four hours. Session 0 has two cells of an
/// hour on 4 GPUs, one at once and one after 10 s; session 1 has one of half an hour on 2 GPUs after 2 s.
/// </summary>
internal static class TinyRun
{
    internal static readonly Trace Trace = new(
        "tiny",
        [new(0, TimeSpan.Zero, Hours(1), 4), new(0, Hours(2), Hours(1), 4), new(1, Hours(1), Hours(0.5), 2)],
        new TraceWindow(TimeSpan.Zero, Hours(4)));

    internal static readonly RunFacts Facts = new()
    {
        Regime = "notebookos",
        Policies = [new("queue", "fair")],
        Trace = Trace.Name,
        Window = Trace.Window,
        Seed = 7,
        ReplicasPerKernel = 2,
        Parameters = [new("gpus_per_server", "8")],
        End = Trace.Length,
        Cells =
        [
            Cell(0, 0, 4, 0, 0, 1) with { Immediate = true },
            Cell(0, 1, 4, 2, 10, 1) with { SameExecutor = true },
            Cell(1, 0, 2, 1, 2, 0.5) with { Immediate = true },
        ],
        Counters = [new("migrations", 1)],
        Series = new RunSeries
        {
            ProvisionedGpus = Constant(8),
            LeasedGpus = Busy(),
            BusyGpus = Busy(),
            ReservedGpus = Trace.Reserved(),
            PromisedGpus = Constant(12),
            Servers = Constant(1),
            Sessions = Constant(2),
            RunningCells = Constant(1),
        },
    };

    internal static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);

    private static CellFact Cell(int session, int index, int gpus, double submitHours, double delaySeconds, double hours)
    {
        var start = Hours(submitHours) + TimeSpan.FromSeconds(delaySeconds);
        return new CellFact
        {
            Session = session,
            Index = index,
            Gpus = gpus,
            Submitted = Hours(submitHours),
            Leased = start,
            Started = start,
            Ended = start + Hours(hours),
            Released = start + Hours(hours),
            Replica = $"k{session}/0",
            Server = "gpu-0",
            Outcome = CellEnd.Ok,
        };
    }

    private static StepSeries Busy()
    {
        var (two, ten) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
        return StepSeries.OfIntervals(
            [(TimeSpan.Zero, Hours(1), 4), (Hours(1) + two, Hours(1.5) + two, 2), (Hours(2) + ten, Hours(3) + ten, 4)]);
    }

    private static StepSeries Constant(double value)
    {
        var series = new StepSeries();
        series.Add(TimeSpan.Zero, value);
        return series;
    }
}
