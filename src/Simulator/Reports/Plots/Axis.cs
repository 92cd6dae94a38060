using System.Collections.Immutable;
using System.Globalization;

namespace Notebook.Simulator.Reports.Plots;

/// <summary>One axis of a plot: which values lie where, and which of them are named.</summary>
/// <param name="Title">What it shows, with the unit.</param>
/// <param name="Place">Where a value lies: 0 at the start, 1 at the end.</param>
/// <param name="Ticks">The values that are named, and their names.</param>
internal sealed record Axis(string Title, Func<double, double> Place, ImmutableArray<(double Value, string Name)> Ticks)
{
    private const double HoursOfDay = 24;

    // Times are told in hours up to here, in days beyond.
    private const double MaxHours = 96;

    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    private static readonly double[] s_timeSteps = [0.1, 0.25, 0.5, 1, 2, 3, 5, 6, 12, 25, 50, 100, 250];

    /// <summary>From 0 to at least a value, with round numbers.</summary>
    internal static Axis FromZero(string title, double max, int ticks = 5)
    {
        var step = RoundUp(Math.Max(max, 1e-9) / ticks);
        var count = Math.Max(1, (int)Math.Ceiling(max / step - 1e-9));
        var top = step * count;
        return new Axis(title, value => value / top, [.. Enumerable.Range(0, count + 1).Select(i => (i * step, Name(i * step)))]);
    }

    /// <summary>From 0 to 100 per cent, of shares from 0 to 1.</summary>
    internal static Axis Share(string title) =>
        new(title, value => value, [.. Enumerable.Range(0, 6).Select(i => (i / 5.0, $"{i * 20} %"))]);

    /// <summary>Time from 0 to an end, of values in hours; told in days where it is long.</summary>
    internal static Axis Time(double endHours)
    {
        var unit = endHours <= MaxHours ? 1 : HoursOfDay;
        var end = endHours / unit;
        var step = s_timeSteps.FirstOrDefault(step => end / step <= 16, end);
        return new Axis(
            unit == 1 ? "hours since the start" : "days since the start",
            hours => hours / endHours,
            [.. Enumerable.Range(0, (int)(end / step + 1e-9) + 1).Select(i => (i * step * unit, Name(i * step)))]);
    }

    /// <summary>Seconds by powers of ten, from the one at or below a value to the one at or above another; what is less lies at the start.</summary>
    internal static Axis LogSeconds(string title, double min, double max)
    {
        var first = (int)Math.Floor(Math.Log10(Math.Max(min, 0.001)) + 1e-9);
        var last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log10(Math.Max(max, 0.01)) - 1e-9));
        return new Axis(
            title,
            value => value <= 0 ? 0 : Math.Clamp((Math.Log10(value) - first) / (last - first), 0, 1),
            [.. Enumerable.Range(first, last - first + 1).Select(power => (Math.Pow(10, power), SecondsName(power)))]);
    }

    private static double RoundUp(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return new[] { 1, 2, 2.5, 5, 10 }.First(factor => factor * power >= step * (1 - 1e-9)) * power;
    }

    private static string Name(double value) => value.ToString(value >= 1_000 ? "#,0" : "0.####", CultureInfo.InvariantCulture);

    private static string SecondsName(int power) => power switch
    {
        < -1 => $"{Name(Math.Pow(10, power + 3))} ms",
        >= 4 => $"10{string.Concat($"{power}".Select(digit => Superscripts[digit - '0']))} s",
        _ => $"{Name(Math.Pow(10, power))} s",
    };
}
