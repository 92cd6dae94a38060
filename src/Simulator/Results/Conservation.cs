using System.Collections.Immutable;
using System.Globalization;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Results;

/// <summary>
/// What must hold for any run, whatever its policies: every cell of the trace ends once, a kernel runs one cell at a time, GPUs
/// are leased for cells and for nothing else, code runs on leased GPUs and these are paid for. It looks at the facts alone.
/// </summary>
public static class Conservation
{
    /// <summary>How many broken laws are told in full.</summary>
    public const int MaxTold = 20;

    /// <summary>Checks a run.</summary>
    /// <param name="trace">What was played.</param>
    /// <param name="facts">What it recorded. An interrupted run may lack cells and ends.</param>
    /// <param name="faultsInjected">Whether servers or processes died on purpose: only then may cells be lost or refused.</param>
    /// <returns>A sentence for each law that is broken, at most <see cref="MaxTold"/> and one that counts the others.</returns>
    public static ImmutableArray<string> Violations(Trace trace, RunFacts facts, bool faultsInjected)
    {
        var broken = new List<string>();
        broken.AddRange(CellsOf(trace, facts));
        foreach (var cell in facts.Cells) broken.AddRange(OfCell(cell, facts.IsPartial, faultsInjected));
        foreach (var session in facts.Cells.GroupBy(cell => cell.Session)) broken.AddRange(OfSession([.. session.OrderBy(cell => cell.Index)]));
        if (!faultsInjected)
        {
            // A server that is cut off runs on for a while what the silo has given up, and a report that is lost is not counted. A run
            // that is cut short may know of a lease before it knows whose it is.
            if (!facts.IsPartial) broken.AddRange(Leases(facts));
            broken.AddRange(NeverAbove("busy", facts.Series.BusyGpus, "leased", facts.Series.LeasedGpus));
        }

        broken.AddRange(NeverAbove("leased", facts.Series.LeasedGpus, "provisioned", facts.Series.ProvisionedGpus));
        return broken.Count <= MaxTold ? [.. broken] : [.. broken.Take(MaxTold), $"and {broken.Count - MaxTold} more"];
    }

    private static IEnumerable<string> CellsOf(Trace trace, RunFacts facts)
    {
        var gpus = trace.Sessions
            .SelectMany(session => session.Cells.Select((cell, index) => (Key: (session.Session, index), cell.Gpus)))
            .ToDictionary(cell => cell.Key, cell => cell.Gpus);
        foreach (var cells in facts.Cells.GroupBy(cell => (cell.Session, cell.Index)))
        {
            var name = Name(cells.First());
            if (cells.Count() > 1) yield return $"{name} is recorded {cells.Count()} times";
            if (!gpus.Remove(cells.Key, out var asked)) yield return $"{name} is not in the trace";
            else if (cells.Any(cell => cell.Gpus != asked)) yield return $"{name} asked for {asked} GPUs and is recorded with {cells.First(cell => cell.Gpus != asked).Gpus}";
        }
        if (facts.IsPartial) yield break;
        foreach (var (session, index) in gpus.Keys.Order()) yield return $"cell {index} of session {session} is not recorded";
    }

    private static IEnumerable<string> OfCell(CellFact cell, bool mayBeUnfinished, bool mayBeLost)
    {
        var name = Name(cell);
        if (cell.Outcome == CellEnd.Unfinished && !mayBeUnfinished) yield return $"{name} never ended";
        if (cell.Outcome is CellEnd.Lost or CellEnd.Refused && !mayBeLost) yield return $"{name} ended as {cell.Outcome}, and no fault was injected";
        if (cell.Outcome == CellEnd.Unfinished != (cell.Ended is null)) yield return $"{name} is {cell.Outcome} with an end at {At(cell.Ended)}";
        if (cell.Outcome == CellEnd.Ok && cell.Started is null) yield return $"{name} ended well and never started";
        if (cell.Released is not null && cell.Leased is null) yield return $"{name} gave GPUs back that it never had";
        if (cell.Outcome != CellEnd.Unfinished && !mayBeUnfinished && cell.Leased is not null && cell.Released is null) yield return $"{name} ended and kept its GPUs";
        if (cell.Outcome == CellEnd.Lost) yield break;   // a server that was cut off may run on with what its user knows to be lost
        foreach (var (first, early, second, late) in Pairs(cell))
            if (early > late) yield return $"{name} was {second} at {At(late)}, before it was {first} at {At(early)}";
    }

    private static (string First, TimeSpan? Early, string Second, TimeSpan? Late)[] Pairs(CellFact cell) =>
    [
        ("submitted", cell.Submitted, "leased", cell.Leased),
        ("submitted", cell.Submitted, "started", cell.Started),
        ("leased", cell.Leased, "started", cell.Started),
        ("leased", cell.Leased, "released", cell.Released),
        ("submitted", cell.Submitted, "ended", cell.Ended),
        ("started", cell.Started, "ended", cell.Ended),
    ];

    private static IEnumerable<string> OfSession(ImmutableArray<CellFact> cells)
    {
        foreach (var (before, after) in cells.Zip(cells.Skip(1)))
        {
            // That a cell was lost may be heard of later than the next one begins.
            if (before.Outcome != CellEnd.Lost && after.Started is { } started && (before.Ended is null || before.Ended > started))
                yield return $"{Name(after)} started at {At(started)}, while the one before ran until {At(before.Ended)}";
        }
    }

    // Where kernels hold GPUs as long as they live, no cell has a lease, and that busy GPUs are leased ones is all that is known.
    private static IEnumerable<string> Leases(RunFacts facts)
    {
        if (facts.Cells.All(cell => cell.Leased is null)) return [];
        var ofCells = StepSeries.OfIntervals(
            from cell in facts.Cells
            where cell.Leased is not null
            select (cell.Leased!.Value, cell.Released ?? TimeSpan.MaxValue, (double)cell.Gpus));
        return [
            .. NeverAbove("leased", facts.Series.LeasedGpus, "those of cells' leases", ofCells),
            .. NeverAbove("those of cells' leases", ofCells, "leased", facts.Series.LeasedGpus),
        ];
    }

    private static IEnumerable<string> NeverAbove(string low, StepSeries lower, string high, StepSeries upper)
    {
        var above = lower.With(upper, (a, b) => Math.Max(0, a - b));
        if (above.Steps is [] or [{ At.Ticks: long.MaxValue }, ..]) return [];   // leases of an interrupted run end with time itself
        var at = above.Steps[0].At;
        return [$"at {At(at)} GPUs {low} are {Number(lower.At(at))}, GPUs {high} {Number(upper.At(at))}"];
    }

    private static string Name(CellFact cell) => $"cell {cell.Index} of session {cell.Session}";

    private static string At(TimeSpan? time) => time is { } at ? at.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s" : "no time";

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
