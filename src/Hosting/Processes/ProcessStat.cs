using System.Globalization;

namespace Notebook.Hosting.Processes;

/// <summary>What we read of <c>/proc/PID/stat</c>.</summary>
/// <param name="State">One letter; <c>Z</c> for a process that ended and was not collected yet.</param>
/// <param name="Parent">Who started it.</param>
/// <param name="StartTime">When it started, in clock ticks since the machine booted.</param>
public readonly record struct ProcessStat(char State, int Parent, long StartTime)
{
    /// <summary>
    /// Reads one line. The second field is the program's name in parentheses, and may hold blanks and parentheses
    /// itself, so that fields are counted from the last one that closes.
    /// </summary>
    public static ProcessStat? Parse(string line)
    {
        var fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19
            && int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent)
            && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var started)
                ? new ProcessStat(fields[0][0], parent, started)
                : null;
    }
}
