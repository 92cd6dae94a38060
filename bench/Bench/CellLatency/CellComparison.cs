using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench.CellLatency;

/// <summary>Cells on the platform beside the same cells on a plain ipykernel.</summary>
internal sealed class CellComparison(CellResults cells)
{
    private readonly Percentiles _direct = Percentiles.Of(cells.Direct.Select(c => c.End));
    private readonly Percentiles _platform = Percentiles.Of(cells.Platform.Select(c => c.End));

    public double P50Ratio => _platform.P50 / _direct.P50;

    public double P99Ratio => _platform.P99 / _direct.P99;

    public IReadOnlyList<string> ToRows() =>
    [
        Percentiles.Head,
        _direct.ToRow("1+1, ipykernel over ZMQ"),
        _platform.ToRow("1+1, platform over WebSocket"),
        string.Create(CultureInfo.InvariantCulture, $"{"  ratio",-38}{P50Ratio,9:0.00}{_platform.P90 / _direct.P90,9:0.00}{P99Ratio,9:0.00}"),
    ];

    public JsonObject ToJson() => new()
    {
        ["ipykernel"] = _direct.ToJson(),
        ["platform"] = _platform.ToJson(),
        ["ratio_p50"] = Math.Round(P50Ratio, 3),
        ["ratio_p99"] = Math.Round(P99Ratio, 3),
    };
}
