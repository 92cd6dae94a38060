using System.Collections.Immutable;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Traces;

/// <summary>
/// What notebook sessions asked for over some time: the input of a simulation. A whole trace ends when its last cell does; a
/// part that was cut out of one (<see cref="TraceWindow"/>) ends at its window's end, whatever its cells do.
/// </summary>
public sealed class Trace
{
    /// <summary>Makes a trace of cells in any order; cells of one session submitted at one time keep the order given.</summary>
    /// <param name="name">What it is called in reports: a word, never a path.</param>
    /// <param name="cells">Its cells; at least one.</param>
    /// <param name="window">The part of a longer trace that this is, whose times are relative to its start; null for a whole one.</param>
    /// <exception cref="ArgumentException">There is no cell, or the cells of one session differ in GPUs.</exception>
    public Trace(string name, IEnumerable<TraceCell> cells, TraceWindow? window = null)
    {
        Name = name;
        Window = window;
        Cells = [.. cells.OrderBy(cell => cell.Submit).ThenBy(cell => cell.Session)];
        if (Cells.IsEmpty) throw new ArgumentException("a trace has at least one cell", nameof(cells));
        Sessions = [.. Cells.GroupBy(cell => cell.Session).OrderBy(session => session.Key)
            .Select(session => new TraceSession(session.Key, session.First().Gpus, [.. session]))];
        if (Sessions.FirstOrDefault(session => session.Cells.Any(cell => cell.Gpus != session.Gpus)) is { } mixed)
            throw new ArgumentException($"the cells of session {mixed.Session} differ in GPUs", nameof(cells));
        Length = window?.Length ?? Sessions.Max(session => session.End);
    }

    /// <summary>What it is called in reports.</summary>
    public string Name { get; }

    /// <summary>The part of a longer trace that this is; null for a whole one.</summary>
    public TraceWindow? Window { get; }

    /// <summary>From its start to its end.</summary>
    public TimeSpan Length { get; }

    /// <summary>Its cells, in order of submission, then of session; at least one.</summary>
    public ImmutableArray<TraceCell> Cells { get; }

    /// <summary>Its sessions, by number.</summary>
    public ImmutableArray<TraceSession> Sessions { get; }

    /// <summary>The most GPUs that a cell needs.</summary>
    public int MaxGpus => Sessions.Max(session => session.Gpus);

    /// <summary>
    /// When a platform that reserves gives a session's GPUs back: when its last cell ends, in a window at the window's end,
    /// since there nobody knows yet that no cell will follow.
    /// </summary>
    public TimeSpan ReservedUntil(TraceSession session) => Window is null ? session.End : Length;

    /// <summary>The same in less time: all times are shorter by a factor.</summary>
    /// <param name="speed">How many times faster; positive. No cell gets shorter than a tick.</param>
    public Trace Faster(double speed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(speed);
        return new Trace(
            Name,
            Cells.Select(cell => cell with { Submit = cell.Submit / speed, Duration = TimeSpan.FromTicks(Math.Max(1, (cell.Duration / speed).Ticks)) }),
            Window is { } window ? window with { Length = window.Length / speed } : null);
    }

    /// <summary>The GPUs busy over time, if each cell starts as it is submitted.</summary>
    public StepSeries Busy() => StepSeries.OfIntervals(Cells.Select(cell => (cell.Submit, cell.End, (double)cell.Gpus)));

    /// <summary>The GPUs held over time, if each session holds its own from its first cell's submission on.</summary>
    public StepSeries Reserved() =>
        StepSeries.OfIntervals(Sessions.Select(session => (session.Start, ReservedUntil(session), (double)session.Gpus)));
}
