using System.Collections.Immutable;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Traces;

/// <summary>What a trace is like, in figures; as if each cell started when it is submitted.</summary>
public sealed record TraceStatistics
{
    /// <summary>Takes a trace's figures.</summary>
    public static TraceStatistics Of(Trace trace)
    {
        var (busy, reserved) = (trace.Busy(), trace.Reserved());
        return new TraceStatistics
        {
            Sessions = trace.Sessions.Length,
            Cells = trace.Cells.Length,
            SessionsByGpus = [.. trace.Sessions.GroupBy(session => session.Gpus).OrderBy(size => size.Key).Select(size => (size.Key, size.Count()))],
            BusyGpuHours = busy.HoursUntil(trace.Length),
            ReservedGpuHours = reserved.HoursUntil(trace.Length),
            MaxBusyGpus = busy.MaxUntil(trace.Length),
            MaxCells = Count(trace.Cells.Select(cell => (cell.Submit, cell.End))).MaxUntil(trace.Length),
            MaxSessions = Count(trace.Sessions.Select(session => (session.Start, session.End))).MaxUntil(trace.Length),
            CellsPerSession = new(trace.Sessions.Select(session => (double)session.Cells.Length)),
            DurationMinutes = new(trace.Cells.Select(cell => cell.Duration.TotalMinutes)),
            GapMinutes = new(
                from session in trace.Sessions
                from pair in session.Cells.Zip(session.Cells.Skip(1))
                select (pair.Second.Submit - pair.First.Submit).TotalMinutes),
            SessionHours = new(trace.Sessions.Select(session => (session.End - session.Start).TotalHours)),
        };
    }

    /// <summary>Sessions in it.</summary>
    public required int Sessions { get; init; }

    /// <summary>Cells in it.</summary>
    public required int Cells { get; init; }

    /// <summary>How many sessions need how many GPUs; fewest GPUs first.</summary>
    public required ImmutableArray<(int Gpus, int Sessions)> SessionsByGpus { get; init; }

    /// <summary>GPU-hours that cells run.</summary>
    public required double BusyGpuHours { get; init; }

    /// <summary>GPU-hours that a platform would hold which gives each session its own.</summary>
    public required double ReservedGpuHours { get; init; }

    /// <summary>The most GPUs busy at once.</summary>
    public required double MaxBusyGpus { get; init; }

    /// <summary>The most cells at once.</summary>
    public required double MaxCells { get; init; }

    /// <summary>The most sessions at once, each from its first cell's submission to its last cell's end.</summary>
    public required double MaxSessions { get; init; }

    /// <summary>Cells of a session.</summary>
    public required Distribution CellsPerSession { get; init; }

    /// <summary>How long a cell runs, in minutes.</summary>
    public required Distribution DurationMinutes { get; init; }

    /// <summary>Between the submissions of two cells of a session that follow each other, in minutes.</summary>
    public required Distribution GapMinutes { get; init; }

    /// <summary>From a session's first submission to its last cell's end, in hours.</summary>
    public required Distribution SessionHours { get; init; }

    private static StepSeries Count(IEnumerable<(TimeSpan From, TimeSpan Until)> intervals) =>
        StepSeries.OfIntervals(intervals.Select(interval => (interval.From, interval.Until, 1.0)));
}
