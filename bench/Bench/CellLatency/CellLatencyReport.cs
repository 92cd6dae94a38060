using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench.CellLatency;

/// <summary>The figures as a table for people and as JSON for programs.</summary>
internal sealed class CellLatencyReport(CellResults cells, StartResults starts)
{
    /// <summary>The bounds that the platform sets itself.</summary>
    private const double CellP50RatioMax = 1.3, CellP99RatioMax = 2, StartP50RatioMax = 0.25;

    private readonly CellComparison _cells = new(cells);
    private readonly Percentiles _cold = Percentiles.Of(starts.Cold);
    private readonly Percentiles _pooled = Percentiles.Of(starts.Platform);

    public bool IsWithinBounds => AreCellsWithin && StartP50Ratio <= StartP50RatioMax;

    private bool AreCellsWithin => _cells.P50Ratio <= CellP50RatioMax && _cells.P99Ratio <= CellP99RatioMax;

    private double StartP50Ratio => _pooled.P50 / _cold.P50;

    public string ToTable() => string.Join('\n',
    [
        .. _cells.ToRows(),
        $"  bounds: p50 ratio {CellP50RatioMax}, p99 ratio {CellP99RatioMax}: {Verdict(AreCellsWithin)}",
        _cold.ToRow("kernel start, cold ipykernel"),
        _pooled.ToRow("kernel start, platform's pool"),
        string.Create(CultureInfo.InvariantCulture, $"{"  ratio",-38}{StartP50Ratio,9:0.00}"),
        $"  bound: p50 ratio {StartP50RatioMax}: {Verdict(StartP50Ratio <= StartP50RatioMax)}",
    ]);

    /// <summary>Where the time goes: the median moment at which the client sees each station of a cell.</summary>
    public string ToBreakdown() => string.Join('\n',
    [
        "p50 from submission, ms           busy    input   result    reply      end",
        Stations("ipykernel over ZMQ", cells.Direct),
        Stations("platform over WebSocket", cells.Platform),
    ]);

    public JsonObject ToJson() => new()
    {
        ["cell"] = _cells.ToJson(),
        ["kernel_start"] = new JsonObject
        {
            ["ipykernel"] = _cold.ToJson(),
            ["platform"] = _pooled.ToJson(),
            ["ratio_p50"] = Math.Round(StartP50Ratio, 3),
        },
        ["within_bounds"] = IsWithinBounds,
    };

    private static string Verdict(bool held) => held ? "held" : "MISSED";

    private static string Stations(string name, IReadOnlyList<CellTimes> times)
    {
        double P50(Func<CellTimes, TimeSpan> station) => Percentiles.Of(times.Select(station)).P50;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-29}{P50(t => t.Busy),9:0.00}{P50(t => t.Input),9:0.00}{P50(t => t.Result),9:0.00}{P50(t => t.Reply),9:0.00}{P50(t => t.End),9:0.00}");
    }
}
