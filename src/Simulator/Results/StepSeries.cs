using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Notebook.Simulator.Results;

/// <summary>
/// A number that changes in steps over time, such as the GPUs in use: each value holds until the next. It is 0 before its
/// first step. Only changes are kept, so it costs memory with what happens, not with time.
/// </summary>
public sealed class StepSeries
{
    private readonly List<Step> _steps = [];

    /// <summary>A value from a time on.</summary>
    /// <param name="At">Since the run's start.</param>
    /// <param name="Value">What holds from then on.</param>
    public readonly record struct Step(TimeSpan At, double Value);

    /// <summary>Its changes, in order of time; no two at one time, and none without a change of value.</summary>
    public ReadOnlySpan<Step> Steps => CollectionsMarshal.AsSpan(_steps);

    /// <summary>The value after the last step.</summary>
    public double Last => _steps.Count == 0 ? 0 : _steps[^1].Value;

    /// <summary>The series of intervals that each add their value from their start until before their end.</summary>
    /// <param name="intervals">In any order; one that ends where it starts, or before, adds nothing.</param>
    public static StepSeries OfIntervals(IEnumerable<(TimeSpan From, TimeSpan Until, double Value)> intervals)
    {
        var changes = new List<(TimeSpan At, double Change)>();
        foreach (var (from, until, value) in intervals)
        {
            if (until <= from) continue;
            changes.Add((from, value));
            changes.Add((until, -value));
        }
        changes.Sort((a, b) => a.At.CompareTo(b.At));
        var series = new StepSeries();
        foreach (var (at, change) in changes) series.Change(at, change);
        return series;
    }

    /// <summary>Sets the value from a time on.</summary>
    /// <param name="at">Not negative, and not before the last step. At its time, the new value takes the old one's place.</param>
    /// <param name="value">What holds from then on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time lies before the last step.</exception>
    public void Add(TimeSpan at, double value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(at, _steps.Count == 0 ? TimeSpan.Zero : _steps[^1].At);
        if (_steps.Count > 0 && _steps[^1].At == at) _steps.RemoveAt(_steps.Count - 1);
        if (value != Last) _steps.Add(new Step(at, value));
    }

    /// <summary>Changes the value from a time on by a difference.</summary>
    /// <param name="at">As for <see cref="Add"/>.</param>
    /// <param name="difference">What is added to the value before.</param>
    public void Change(TimeSpan at, double difference) => Add(at, Last + difference);

    /// <summary>The value at a time.</summary>
    public double At(TimeSpan time)
    {
        var (low, high) = (0, _steps.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_steps[middle].At <= time) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : _steps[low - 1].Value;
    }

    /// <summary>The area under it from the start to an end, in hours of its unit: GPU-hours for GPUs.</summary>
    public double HoursUntil(TimeSpan end) => Area(TimeSpan.Zero, end) / TimeSpan.TicksPerHour;

    /// <summary>The mean over the time from the start to an end; 0 for no time.</summary>
    public double MeanUntil(TimeSpan end) => end <= TimeSpan.Zero ? 0 : Area(TimeSpan.Zero, end) / end.Ticks;

    /// <summary>The highest value before an end; at least 0, as it is before the first step.</summary>
    public double MaxUntil(TimeSpan end)
    {
        var max = 0.0;
        foreach (var step in Steps)
        {
            if (step.At >= end) break;
            max = Math.Max(max, step.Value);
        }
        return max;
    }

    /// <summary>The series made of the values of two, step by step.</summary>
    /// <param name="other">The second operand.</param>
    /// <param name="combine">What becomes of a value of this one and one of the other.</param>
    public StepSeries With(StepSeries other, Func<double, double, double> combine)
    {
        var mine = Steps;
        var others = other.Steps;
        var result = new StepSeries();
        var (i, j, left, right) = (0, 0, 0.0, 0.0);
        while (i < mine.Length || j < others.Length)
        {
            var at = j == others.Length || (i < mine.Length && mine[i].At <= others[j].At) ? mine[i].At : others[j].At;
            if (i < mine.Length && mine[i].At == at) left = mine[i++].Value;
            if (j < others.Length && others[j].At == at) right = others[j++].Value;
            result.Add(at, combine(left, right));
        }
        return result;
    }

    /// <summary>Equal parts of the time from the start to an end, for plots.</summary>
    /// <param name="end">Where the last part ends; positive.</param>
    /// <param name="count">How many parts; at least 1.</param>
    public ImmutableArray<Part> Sample(TimeSpan end, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(end, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var parts = ImmutableArray.CreateBuilder<Part>(count);
        var next = 0;
        var value = 0.0;
        for (var i = 0; i < count; i++)
        {
            var from = end.Ticks * (Int128)i / count;
            var until = end.Ticks * (Int128)(i + 1) / count;
            var (at, area) = ((long)from, 0.0);
            double? min = null, max = null;
            while (next < _steps.Count && _steps[next].At.Ticks < until)
            {
                var step = _steps[next++];
                if (step.At.Ticks > at) Hold(step.At.Ticks);
                value = step.Value;
            }
            if (until > at || min is null) Hold((long)until);
            parts.Add(new Part(new TimeSpan((long)from), until == from ? value : area / (double)(until - from), min!.Value, max!.Value));

            void Hold(long ends)
            {
                area += value * (ends - at);
                at = ends;
                min = Math.Min(min ?? value, value);
                max = Math.Max(max ?? value, value);
            }
        }
        return parts.MoveToImmutable();
    }

    private double Area(TimeSpan from, TimeSpan end)
    {
        var (at, value, area) = (from, 0.0, 0.0);
        foreach (var step in Steps)
        {
            if (step.At >= end) break;
            area += value * (step.At - at).Ticks;
            (at, value) = (step.At, step.Value);
        }
        return end > at ? area + value * (end - at).Ticks : area;
    }

    /// <summary>A part of the time: the values in it.</summary>
    /// <param name="From">When it starts.</param>
    /// <param name="Mean">The mean over its time.</param>
    /// <param name="Min">The lowest value.</param>
    /// <param name="Max">The highest value.</param>
    public readonly record struct Part(TimeSpan From, double Mean, double Min, double Max);
}
