using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Notebook.Simulator.Traces;

/// <summary>A part of a trace, written <c>350h+17.5h</c>: where it starts, and how long it is.</summary>
/// <param name="Start">From the trace's start; not negative.</param>
/// <param name="Length">How long; positive.</param>
public readonly record struct TraceWindow(TimeSpan Start, TimeSpan Length)
{
    /// <summary>What <see cref="TryParse"/> takes, for messages about what was found instead.</summary>
    public const string Form = "START+LENGTH, each a number with d, h, m or s, such as 350h+17.5h";

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3_650);

    /// <summary>Reads a window such as <c>350h+17.5h</c>.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="window">The window.</param>
    /// <returns>False when the text is something else, its length is not positive, or one of the two is beyond ten years.</returns>
    public static bool TryParse(string text, out TraceWindow window)
    {
        window = default;
        if (text.Split('+') is not [var start, var length]) return false;
        if (!TryParseTime(start, out var from) || !TryParseTime(length, out var span) || span == TimeSpan.Zero) return false;
        window = new TraceWindow(from, span);
        return true;
    }

    /// <summary>
    /// Keeps the cells submitted in the window and cuts them at its end. Times become relative to its start.
    /// </summary>
    /// <param name="trace">A whole trace.</param>
    /// <param name="part">What is kept.</param>
    /// <returns>False when no cell is submitted in it.</returns>
    public bool TryCut(Trace trace, [NotNullWhen(true)] out Trace? part)
    {
        var (start, length) = this;
        var cells = trace.Cells
            .Where(cell => cell.Submit >= start && cell.Submit - start < length)
            .Select(cell => cell with { Submit = cell.Submit - start })
            .Select(cell => cell.End <= length ? cell : cell with { Duration = length - cell.Submit })
            .ToList();
        part = cells.Count == 0 ? null : new Trace(trace.Name, cells, this);
        return part is not null;
    }

    /// <summary>The form that <see cref="TryParse"/> reads, in hours.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start.TotalHours:0.######}h+{Length.TotalHours:0.######}h");

    /// <summary>Reads a time such as <c>17.5h</c>: a number of at most ten years with d, h, m or s.</summary>
    public static bool TryParseTime(string text, out TimeSpan time)
    {
        time = default;
        if (text.Length < 2 || !decimal.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        long? ticks = text[^1] switch
        {
            'd' => TimeSpan.TicksPerDay,
            'h' => TimeSpan.TicksPerHour,
            'm' => TimeSpan.TicksPerMinute,
            's' => TimeSpan.TicksPerSecond,
            _ => null,
        };
        if (ticks is not { } unit || number > (decimal)s_longest.Ticks / unit) return false;
        time = new TimeSpan((long)(number * unit));
        return true;
    }
}
