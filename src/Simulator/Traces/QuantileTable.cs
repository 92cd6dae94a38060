using System.Collections.Immutable;

namespace Notebook.Simulator.Traces;

/// <summary>
/// A distribution by its values at fixed shares, straight lines between. Only additions, products and divisions: the same
/// result on every machine, which logarithms do not promise.
/// </summary>
internal sealed class QuantileTable
{
    /// <summary>The shares whose values a table has; closer where the long tails are.</summary>
    internal static readonly ImmutableArray<double> Shares =
        [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1];

    private readonly ImmutableArray<double> _values;

    /// <summary>Takes a value for each of <see cref="Shares"/>; none below the one before.</summary>
    internal QuantileTable(params ReadOnlySpan<double> values)
    {
        if (values.Length != Shares.Length) throw new ArgumentException($"a table has {Shares.Length} values", nameof(values));
        for (var i = 1; i < values.Length; i++)
            if (values[i] < values[i - 1]) throw new ArgumentException($"{values[i]} behind {values[i - 1]}", nameof(values));
        _values = [.. values];
    }

    /// <summary>The value that a share of all values lies below.</summary>
    /// <param name="share">From 0 to 1.</param>
    internal double At(double share)
    {
        var i = 1;
        while (i < Shares.Length - 1 && share > Shares[i]) i++;
        return _values[i - 1] + (_values[i] - _values[i - 1]) * (share - Shares[i - 1]) / (Shares[i] - Shares[i - 1]);
    }
}
