using System.Globalization;
using System.Text.Json.Nodes;

namespace Notebook.Bench.ReplicationLog;

/// <summary>The figures as a table for people and as JSON for programs.</summary>
/// <param name="Sync">A sync alone, in turn with the commits.</param>
/// <param name="RoundTrip">A round trip over the loopback alone.</param>
/// <param name="Commit">A commit alone.</param>
/// <param name="WritesPerSecond">What three log writers at a time write, without replication.</param>
/// <param name="CommitsPerSecond">What is committed under the same load.</param>
internal sealed record ReplicationLogReport(
    Percentiles Sync, Percentiles RoundTrip, Percentiles Commit, double WritesPerSecond, double CommitsPerSecond)
{
    private double Bound => 2 * Sync.P50 + RoundTrip.P50;

    public bool IsWithinBounds => Commit.P50 <= Bound;

    public string ToTable() => string.Join('\n',
    [
        "times in ms                          n      p50      p90      p99",
        Row("fsync of 1 KiB", Sync),
        Row("loopback round trip", RoundTrip),
        Row("lone commit of 1 KiB, 3 members", Commit),
        string.Create(CultureInfo.InvariantCulture, $"  bound: p50 of 2 fsyncs and a round trip {Bound:0.00}: {(IsWithinBounds ? "held" : "MISSED")}"),
        string.Create(CultureInfo.InvariantCulture, $"written by three stores at a time, 1 KiB entries a second {WritesPerSecond,10:N0}"),
        string.Create(CultureInfo.InvariantCulture, $"committed by three hosts, 1 KiB entries a second          {CommitsPerSecond,10:N0}   ratio {CommitsPerSecond / WritesPerSecond:0.00}"),
    ]);

    public JsonObject ToJson() => new()
    {
        ["fsync"] = Sync.ToJson(),
        ["round_trip"] = RoundTrip.ToJson(),
        ["commit"] = Commit.ToJson(),
        ["bound_p50_ms"] = Math.Round(Bound, 3),
        ["writes_per_second"] = Math.Round(WritesPerSecond),
        ["commits_per_second"] = Math.Round(CommitsPerSecond),
        ["within_bounds"] = IsWithinBounds,
    };

    private static string Row(string name, Percentiles p) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-33}{p.Count,5}{p.P50,9:0.00}{p.P90,9:0.00}{p.P99,9:0.00}");
}
