using System.Globalization;

namespace Notebook.Simulator.Traces;

/// <summary>
/// Whether each line of a trace may follow those before it. It remembers one line: a trace is sorted by session, then by time.
/// A line that may not is remembered all the same, so that what is in its right place behind it is no fault as well.
/// </summary>
internal sealed class TraceOrder(TraceRules rules)
{
    private TraceCell? _before;
    private long _lineBefore;

    /// <summary>Takes the next line's cell.</summary>
    /// <returns>What is wrong with its place; null when nothing is.</returns>
    internal TraceFault? Check(long line, TraceCell cell)
    {
        var fault = _before is { } before ? Fault(line, cell, before) : null;
        _before = cell.Session == _before?.Session ? cell with { Gpus = _before.Value.Gpus } : cell;
        _lineBefore = line;
        return fault;
    }

    private TraceFault? Fault(long line, TraceCell cell, TraceCell before)
    {
        if (cell.Session < before.Session)
        {
            return new TraceFault(
                line, "session", $"{cell.Session} after {before.Session}", "rows sorted by session, all of one session together");
        }
        if (cell.Session > before.Session) return null;
        if (cell.Gpus != before.Gpus)
            return new TraceFault(line, "gpus", $"{cell.Gpus}", $"{before.Gpus} as in line {_lineBefore}: a session's GPUs stay the same");
        if (cell.Submit < before.Submit)
        {
            return new TraceFault(
                line, "submit_min", $"{Minutes(cell.Submit)} after {Minutes(before.Submit)}", "rows of one session sorted by submit_min");
        }
        if (cell.Submit < before.End && !rules.AllowOverlap)
        {
            return new TraceFault(
                line,
                "submit_min",
                $"{Minutes(cell.Submit)}, while session {cell.Session}'s cell of line {_lineBefore} runs until {Minutes(before.End)}",
                "cells of one session that do not overlap (they may in closed loop, where each waits for the one before)");
        }
        return null;
    }

    private static string Minutes(TimeSpan time) => time.TotalMinutes.ToString("0.####", CultureInfo.InvariantCulture);
}
