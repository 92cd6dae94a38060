using Notebook.Bench.CellLatency;

namespace Notebook.Bench.Replication;

/// <summary>A cell's round trip with its changes on the disks of a majority before the reply, beside a plain ipykernel.</summary>
internal static class CellsPart
{
    private const double P50RatioMax = 1.25, P99RatioMax = 2;

    public static async Task<PartReport> RunAsync(int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookApi.OpenAsync(null);
        var found = new CellComparison(await CellRounds.RunAsync(platform, cells, warmUp, progress, stop));
        return new(
            "A cell, three replicas on three agents", found.ToRows(), found.ToJson(),
            [new("p50 ratio", found.P50Ratio, P50RatioMax), new("p99 ratio", found.P99Ratio, P99RatioMax)]);
    }
}
