using System.Collections.Immutable;

namespace Notebook.Simulator.Results;

/// <summary>The figures of one run: what its facts come to. Hours are counted until <see cref="RunFacts.End"/>.</summary>
public sealed record RegimeResult
{
    /// <summary>Takes a run's figures.</summary>
    public static RegimeResult Of(RunFacts facts, PriceModel prices)
    {
        var (series, end) = (facts.Series, facts.End);
        var started = facts.Cells.Where(cell => cell.Started is not null);
        return new RegimeResult
        {
            Facts = facts,
            Prices = prices,
            BusyGpuHours = series.BusyGpus.HoursUntil(end),
            LeasedGpuHours = series.LeasedGpus.HoursUntil(end),
            ProvisionedGpuHours = series.ProvisionedGpus.HoursUntil(end),
            ReservedGpuHours = series.ReservedGpus.HoursUntil(end),
            InteractivityDelay = new(started.Select(cell => (cell.Started!.Value - cell.Submitted).TotalSeconds)),
            TaskCompletion = new(
                facts.Cells.Where(cell => cell.Outcome == CellEnd.Ok).Select(cell => (cell.Ended!.Value - cell.Submitted).TotalSeconds)),
            Outcomes = [.. Enum.GetValues<CellEnd>().Select(end => (end, facts.Cells.Count(cell => cell.Outcome == end)))],
            ShareImmediate = Share(started, cell => cell.Immediate),
            ShareSameExecutor = Share(started.Where(cell => cell.Index > 0), cell => cell.SameExecutor),
            Fairness = Results.Fairness.Jain(facts.Cells),
            SubscriptionRatio = series.PromisedGpus.With(
                series.ProvisionedGpus, (promised, present) => present == 0 ? 0 : promised / (present * facts.ReplicasPerKernel)),
            Billing = prices.Bill(facts),
        };
    }

    /// <summary>What the figures were taken from.</summary>
    public required RunFacts Facts { get; init; }

    /// <summary>The prices that the bill has.</summary>
    public required PriceModel Prices { get; init; }

    /// <summary>GPU-hours that the code of cells ran on.</summary>
    public required double BusyGpuHours { get; init; }

    /// <summary>GPU-hours leased to cells or kernels.</summary>
    public required double LeasedGpuHours { get; init; }

    /// <summary>GPU-hours of the servers that were paid for.</summary>
    public required double ProvisionedGpuHours { get; init; }

    /// <summary>GPU-hours that giving each session its own GPUs would hold.</summary>
    public required double ReservedGpuHours { get; init; }

    /// <summary>GPU-hours saved against reservation, counting all that was paid for; negative where that is more.</summary>
    public double SavedGpuHours => ReservedGpuHours - ProvisionedGpuHours;

    /// <summary>GPU-hours that an oracle would save, which has exactly the GPUs that cells run on, and only then.</summary>
    public double OracleSavedGpuHours => ReservedGpuHours - BusyGpuHours;

    /// <summary>What was saved of what an oracle would save; null where that is nothing.</summary>
    public double? SavedShare => OracleSavedGpuHours > 0 ? SavedGpuHours / OracleSavedGpuHours : null;

    /// <summary>From submission to the code's start, in seconds, of cells that started.</summary>
    public required Distribution InteractivityDelay { get; init; }

    /// <summary>From submission to the reply, in seconds, of cells that ended well.</summary>
    public required Distribution TaskCompletion { get; init; }

    /// <summary>How many cells ended how.</summary>
    public required ImmutableArray<(CellEnd End, int Cells)> Outcomes { get; init; }

    /// <summary>Of the cells that started, the share that got GPUs when they first asked; null when none started.</summary>
    public required double? ShareImmediate { get; init; }

    /// <summary>Of the cells that started and were not their session's first, the share at the same replica as the one before.</summary>
    public required double? ShareSameExecutor { get; init; }

    /// <summary>Jain's index over the sessions' mean slowdowns, 0 to 1; null when no cell ended well.</summary>
    public required double? Fairness { get; init; }

    /// <summary>Promised GPUs over (GPUs × replicas per kernel) over time; 0 while there are no GPUs.</summary>
    public required StepSeries SubscriptionRatio { get; init; }

    /// <summary>What it costs and earns.</summary>
    public required Billing Billing { get; init; }

    private static double? Share(IEnumerable<CellFact> cells, Func<CellFact, bool> which)
    {
        var (count, of) = (0, 0);
        foreach (var cell in cells) (count, of) = (count + (which(cell) ? 1 : 0), of + 1);
        return of == 0 ? null : (double)count / of;
    }
}
