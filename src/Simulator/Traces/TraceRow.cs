using System.Globalization;

namespace Notebook.Simulator.Traces;

/// <summary>One line of a trace by itself: its columns, and what each may be.</summary>
internal static class TraceRow
{
    private const int MaxGpus = 1_024;
    private const int ShownLength = 40;
    private static readonly decimal s_maxMinutes = (decimal)TimeSpan.FromDays(3_650).TotalMinutes;

    /// <summary>Reads a line.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    internal static TraceFault? Parse(long line, string row, out TraceCell cell)
    {
        cell = default;
        var columns = row.Split(',');
        if (columns.Length != 4)
            return new TraceFault(line, "row", $"{columns.Length} columns, {Shown(row)}", "4 columns");
        if (!int.TryParse(columns[0], NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var session))
            return Fault("session", columns[0], "a whole number from 0 to 2147483647");
        if (!TryMinutes(columns[1], out var submit))
            return Fault("submit_min", columns[1], "minutes from 0 to ten years");
        if (!TryMinutes(columns[2], out var duration) || duration == TimeSpan.Zero)
            return Fault("duration_min", columns[2], "minutes above 0, up to ten years");
        if (!int.TryParse(columns[3], NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var gpus)
            || gpus is < 1 or > MaxGpus)
        {
            return Fault("gpus", columns[3], $"a whole number from 1 to {MaxGpus}");
        }
        cell = new TraceCell(session, submit, duration, gpus);
        return null;

        TraceFault Fault(string column, string found, string expected) => new(line, column, Shown(found), expected);
    }

    /// <summary>Text from a file in quotes, as much of it as fits into a message.</summary>
    internal static string Shown(string text)
    {
        var start = text.Length > ShownLength ? string.Concat(text.AsSpan(0, ShownLength), "...") : text;
        return $"'{string.Concat(start.Select(c => char.IsControl(c) ? '?' : c))}'";
    }

    private static bool TryMinutes(string text, out TimeSpan time)
    {
        time = default;
        const NumberStyles Styles = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
        if (!decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out var minutes) || minutes > s_maxMinutes) return false;
        time = new TimeSpan((long)(minutes * TimeSpan.TicksPerMinute));
        return true;
    }
}
