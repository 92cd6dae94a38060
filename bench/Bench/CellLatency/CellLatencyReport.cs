using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench.CellLatency;

/// <summary>The figures as a table for people and as JSON for programs.</summary>
internal sealed class CellLatencyReport(CellResults cells, StartResults starts)
{
    /// <summary>The bounds that the platform sets itself.</summary>
    private const double CellP50RatioMax = 1.3, CellP99RatioMax = 2, StartP50RatioMax = 0.25;

    private readonly Percentiles _direct = Percentiles.Of(cells.Direct.Select(c => c.End));
    private readonly Percentiles _platform = Percentiles.Of(cells.Platform.Select(c => c.End));
    private readonly Percentiles _cold = Percentiles.Of(starts.Cold);
    private readonly Percentiles _pooled = Percentiles.Of(starts.Platform);

    private double CellP50Ratio => _platform.P50 / _direct.P50;

    private double CellP99Ratio => _platform.P99 / _direct.P99;

    private double StartP50Ratio => _pooled.P50 / _cold.P50;

    public bool IsWithinBounds => CellP50Ratio <= CellP50RatioMax && CellP99Ratio <= CellP99RatioMax && StartP50Ratio <= StartP50RatioMax;

    public string ToTable() => string.Join('\n',
    [
        "times in ms                          n      p50      p90      p99",
        Row("1+1, ipykernel over ZMQ", _direct),
        Row("1+1, platform over WebSocket", _platform),
        $"  ratio                                  {Ratio(CellP50Ratio)} {Ratio(_platform.P90 / _direct.P90)} {Ratio(CellP99Ratio)}"
            + $"   bounds: p50 {CellP50RatioMax}, p99 {CellP99RatioMax}: {Verdict(CellP50Ratio <= CellP50RatioMax && CellP99Ratio <= CellP99RatioMax)}",
        Row("kernel start, cold ipykernel", _cold),
        Row("kernel start, platform's pool", _pooled),
        $"  ratio                                  {Ratio(StartP50Ratio)}"
            + $"                     bound: p50 {StartP50RatioMax}: {Verdict(StartP50Ratio <= StartP50RatioMax)}",
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
        ["cell"] = new JsonObject
        {
            ["ipykernel"] = _direct.ToJson(),
            ["platform"] = _platform.ToJson(),
            ["ratio_p50"] = Math.Round(CellP50Ratio, 3),
            ["ratio_p99"] = Math.Round(CellP99Ratio, 3),
        },
        ["kernel_start"] = new JsonObject
        {
            ["ipykernel"] = _cold.ToJson(),
            ["platform"] = _pooled.ToJson(),
            ["ratio_p50"] = Math.Round(StartP50Ratio, 3),
        },
        ["within_bounds"] = IsWithinBounds,
    };

    private static string Row(string name, Percentiles p) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-33}{p.Count,5}{p.P50,9:0.00}{p.P90,9:0.00}{p.P99,9:0.00}");

    private static string Ratio(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio,8:0.00}");

    private static string Verdict(bool held) => held ? "held" : "MISSED";

    private static string Stations(string name, IReadOnlyList<CellTimes> times)
    {
        double P50(Func<CellTimes, TimeSpan> station) => Percentiles.Of(times.Select(station)).P50;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-29}{P50(t => t.Busy),9:0.00}{P50(t => t.Input),9:0.00}{P50(t => t.Result),9:0.00}{P50(t => t.Reply),9:0.00}{P50(t => t.End),9:0.00}");
    }
}
