using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench;

/// <summary>The usual figures of a list of times, in milliseconds, by nearest rank.</summary>
internal sealed record Percentiles(int Count, double P50, double P90, double P99, double Max)
{
    /// <summary>What stands above rows.</summary>
    public const string Head = "times in ms                          n      p50      p90      p99";

    public static Percentiles Of(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(t => t.TotalMilliseconds).Order().ToArray();
        if (sorted.Length == 0) throw new ArgumentException("no times", nameof(times));
        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
        return new(sorted.Length, At(0.50), At(0.90), At(0.99), sorted[^1]);
    }

    /// <summary>One line of a table.</summary>
    public string ToRow(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-33}{Count,5}{P50,9:0.00}{P90,9:0.00}{P99,9:0.00}");

    public JsonObject ToJson() => new()
    {
        ["n"] = Count,
        ["p50_ms"] = Math.Round(P50, 3),
        ["p90_ms"] = Math.Round(P90, 3),
        ["p99_ms"] = Math.Round(P99, 3),
        ["max_ms"] = Math.Round(Max, 3),
    };
}
