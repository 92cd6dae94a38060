namespace Notebook.Simulator.Model;

/// <summary>
/// A log-normal distribution of times, sizes or anything else that is never negative: most values lie near the median, a few are
/// many times as large.
/// </summary>
/// <param name="Median">Half of the values are smaller; 0 or more.</param>
/// <param name="Sigma">Standard deviation of the logarithm; 0 for always the median. At 1, one value of 20 is above five times the median.</param>
public readonly record struct LogNormal(double Median, double Sigma)
{
    /// <summary>Draws a value, by Box and Muller.</summary>
    public double Draw(Random random)
    {
        if (Sigma == 0 || Median == 0) return Median;
        var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        return Median * Math.Exp(Sigma * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    /// <summary>Such as <c>0.032 (sigma 0.3)</c>.</summary>
    public override string ToString() => Sigma == 0
        ? Median.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Median:0.######} (sigma {Sigma:0.##})");
}
