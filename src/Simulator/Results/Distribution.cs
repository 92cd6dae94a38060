using System.Collections.Immutable;

namespace Notebook.Simulator.Results;

/// <summary>
/// Measured values in order. A percentile is the nearest rank's: the smallest value that at least that share of all values does
/// not exceed. It is always a value that was measured, never one between two.
/// </summary>
public sealed class Distribution
{
    /// <summary>Takes values in any order.</summary>
    public Distribution(IEnumerable<double> values) => Sorted = [.. values.Order()];

    /// <summary>The values, smallest first.</summary>
    public ImmutableArray<double> Sorted { get; }

    /// <summary>How many values there are.</summary>
    public int Count => Sorted.Length;

    /// <summary>The sum over the count; null for no values.</summary>
    public double? Mean => Sorted.IsEmpty ? null : Sorted.Sum() / Sorted.Length;

    /// <summary>The smallest; null for no values.</summary>
    public double? Min => Sorted.IsEmpty ? null : Sorted[0];

    /// <summary>The largest; null for no values.</summary>
    public double? Max => Sorted.IsEmpty ? null : Sorted[^1];

    /// <summary>A percentile by nearest rank; null for no values.</summary>
    /// <param name="percent">Above 0, up to 100; of its decimals the first three count.</param>
    public double? Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(percent, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        if (Sorted.IsEmpty) return null;
        // In whole thousandths of a per cent, so that no rounding moves the rank: 0.95 × 20 is 19, not a little more.
        var thousandths = (long)Math.Round(percent * 1_000);
        var rank = (thousandths * Sorted.Length + 99_999) / 100_000;
        return Sorted[(int)Math.Max(rank, 1) - 1];
    }

    /// <summary>The share of values that are at most a bound; 0 for no values.</summary>
    public double ShareUpTo(double bound)
    {
        var (low, high) = (0, Sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Sorted[middle] <= bound) low = middle + 1;
            else high = middle;
        }
        return Sorted.IsEmpty ? 0 : (double)low / Sorted.Length;
    }
}
