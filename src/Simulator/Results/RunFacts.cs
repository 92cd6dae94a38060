using System.Collections.Immutable;
using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Results;

/// <summary>A named setting of a run, as it is stated beside the results.</summary>
/// <param name="Name">In snake_case, with the unit last.</param>
/// <param name="Value">As people write it.</param>
public readonly record struct RunParameter(string Name, string Value);

/// <summary>How often something happened in a run.</summary>
/// <param name="Name">In snake_case, a plural: <c>migrations</c>, <c>scale_outs</c>, <c>prewarm_hits</c>.</param>
/// <param name="Count">How often.</param>
public readonly record struct RunCounter(string Name, long Count);

/// <summary>All that a run recorded. What follows from it is in <see cref="RegimeResult"/>.</summary>
public sealed record RunFacts
{
    /// <summary>The regime's name.</summary>
    public required string Regime { get; init; }

    /// <summary>What the run is called beside others, such as the setting that a sweep changes; null for its regime's name.</summary>
    public string? Label { get; init; }

    /// <summary>The label, else the regime's name.</summary>
    public string Name => Label ?? Regime;

    /// <summary>Who decided: kind and name of each policy.</summary>
    public ImmutableArray<RunParameter> Policies { get; init; } = [];

    /// <summary>The trace's name; a word, never a path.</summary>
    public required string Trace { get; init; }

    /// <summary>The part of the trace; null for the whole.</summary>
    public TraceWindow? Window { get; init; }

    /// <summary>What the run's chance came from.</summary>
    public required long Seed { get; init; }

    /// <summary>Replicas per kernel; what subscription ratios are relative to. At least 1.</summary>
    public required int ReplicasPerKernel { get; init; }

    /// <summary>The other settings, in the order in which they are stated.</summary>
    public ImmutableArray<RunParameter> Parameters { get; init; } = [];

    /// <summary>Until when hours are counted, since the run's start; positive. Cells may end later.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>Whether the run was interrupted: what it has is true, but not all.</summary>
    public bool IsPartial { get; init; }

    /// <summary>What must never be, and was: a cell that ran twice, GPUs or kernels that were left over. Of these there must be none.</summary>
    public ImmutableArray<string> Violations { get; init; } = [];

    /// <summary>Its cells, by session, then by index.</summary>
    public required ImmutableArray<CellFact> Cells { get; init; }

    /// <summary>What was counted over time.</summary>
    public required RunSeries Series { get; init; }

    /// <summary>What was counted, in the order in which it is stated.</summary>
    public ImmutableArray<RunCounter> Counters { get; init; } = [];
}
