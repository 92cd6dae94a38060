using System.Collections.Immutable;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Tests.Results;

/// <summary>
/// Runs of traces by a naive model of their own, which is nobody's policy: facts with which results and reports are tried. In
/// <see cref="Reserving"/> each session has its GPUs as long as it lives. In <see cref="Sharing"/> a cell takes GPUs from a pool, which
/// orders servers of 8 when they do not suffice and gives idle ones back every quarter of an hour.
/// </summary>
internal static class NaiveRun
{
    private static readonly TimeSpan s_reply = TimeSpan.FromMilliseconds(20);

    internal static RunFacts Reserving(Trace trace)
    {
        var cells = Played(trace, (cell, ready) => (ready + TimeSpan.FromMilliseconds(15 + cell.Submit.Ticks % 7), null));
        return Facts("reservation", trace, cells, trace.Reserved(), trace.Reserved(), trace.Reserved(), 1);
    }

    internal static RunFacts Sharing(Trace trace, TimeSpan serverStart)
    {
        var (capacity, used, provisioned, leased) = (64.0, 0.0, new StepSeries(), new StepSeries());
        var (releases, nextTrim) = (new PriorityQueue<int, TimeSpan>(), TimeSpan.FromMinutes(15));
        var late = new List<(TimeSpan At, double Gpus)>();
        provisioned.Add(TimeSpan.Zero, capacity);
        var cells = Played(trace, (cell, ready) =>
        {
            while (nextTrim <= cell.Submit)
            {
                Release(nextTrim);
                capacity = Math.Max(capacity - Math.Floor(Math.Max(0, capacity - used - 16) / 8) * 8, 16);
                provisioned.Add(nextTrim, capacity);
                nextTrim += TimeSpan.FromMinutes(15);
            }
            Release(cell.Submit);
            var at = ready + TimeSpan.FromMilliseconds(40 + cell.Duration.Ticks / TimeSpan.TicksPerMinute % 50);
            if (used + cell.Gpus > capacity)
            {
                capacity += Math.Ceiling((used + cell.Gpus - capacity) / 8) * 8;
                provisioned.Add(Max(cell.Submit, provisioned.Steps[^1].At), capacity);
                at = ready + serverStart;
            }
            used += cell.Gpus;
            releases.Enqueue(cell.Gpus, at + cell.Duration + s_reply);
            return (at, at - TimeSpan.FromMilliseconds(10));
        });
        leased = StepSeries.OfIntervals(cells.Select(cell => (cell.Leased!.Value, cell.Released!.Value, (double)cell.Gpus)));
        var standby = StepSeries.OfIntervals(trace.Sessions.Select(session => (session.Start, trace.Length, 3.0 * session.Gpus)));
        return Facts("notebookos", trace, cells, provisioned.With(leased, Math.Max), leased, standby.With(leased, Math.Max), 3);

        void Release(TimeSpan until)
        {
            while (releases.TryPeek(out var gpus, out var at) && at <= until)
            {
                releases.Dequeue();
                used -= gpus;
            }
        }
    }

    private static ImmutableArray<CellFact> Played(Trace trace, Func<TraceCell, TimeSpan, (TimeSpan Start, TimeSpan? Leased)> start)
    {
        var ends = new Dictionary<int, (TimeSpan End, int Cells)>();
        var facts = new List<CellFact>();
        foreach (var cell in trace.Cells)
        {
            var (end, index) = ends.GetValueOrDefault(cell.Session);
            var (started, leased) = start(cell, Max(cell.Submit, end));
            var ended = started + cell.Duration + s_reply;
            ends[cell.Session] = (ended, index + 1);
            facts.Add(new CellFact
            {
                Session = cell.Session,
                Index = index,
                Gpus = cell.Gpus,
                Submitted = cell.Submit,
                Started = started,
                Ended = ended,
                Leased = leased,
                Released = leased is null ? null : ended,
                Immediate = started - cell.Submit < TimeSpan.FromSeconds(1),
                SameExecutor = index > 0 && cell.Submit.Ticks / TimeSpan.TicksPerMinute % 7 > 0,
                Replica = $"s{cell.Session}/{index % 3}",
                Server = $"gpu-{cell.Session % 8}",
                Outcome = CellEnd.Ok,
            });
        }
        return [.. facts.OrderBy(cell => cell.Session).ThenBy(cell => cell.Index)];
    }

    private static RunFacts Facts(
        string regime, Trace trace, ImmutableArray<CellFact> cells, StepSeries provisioned, StepSeries leased, StepSeries promised, int replicas)
    {
        var busy = Running(cells, cell => cell.Gpus);
        var held = leased.With(busy, Math.Max);
        return new RunFacts
        {
            Regime = regime,
            Policies = [new("placement", "least-loaded"), new("queue", replicas == 1 ? "first-come" : "fair")],
            Trace = trace.Name,
            Window = trace.Window,
            Seed = 42,
            ReplicasPerKernel = replicas,
            Parameters = [new("gpus_per_server", "8"), new("provisioning_s", "90")],
            End = trace.Length,
            Cells = cells,
            Counters = [new("migrations", cells.Length / 9), new("scale_outs", provisioned.Steps.Length / 2), new("prewarm_hits", cells.Length / 10)],
            Series = new RunSeries
            {
                ProvisionedGpus = provisioned.With(held, (paid, inUse) => Math.Max(paid, Math.Ceiling(inUse / 8) * 8)),
                LeasedGpus = held,
                BusyGpus = busy,
                ReservedGpus = trace.Reserved(),
                PromisedGpus = promised,
                Servers = provisioned.With(held, (paid, inUse) => Math.Ceiling(Math.Max(paid, inUse) / 8)),
                Sessions = StepSeries.OfIntervals(trace.Sessions.Select(session => (session.Start, trace.ReservedUntil(session), 1.0))),
                RunningCells = Running(cells, _ => 1),
                QueueLength = StepSeries.OfIntervals(cells.Select(cell => (cell.Submitted, cell.Leased ?? cell.Submitted, cell.Immediate ? 0.0 : 1))),
            },
        };
    }

    private static StepSeries Running(IEnumerable<CellFact> cells, Func<CellFact, double> value) =>
        StepSeries.OfIntervals(cells.Select(cell => (cell.Started!.Value, cell.Ended!.Value - s_reply, value(cell))));

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
