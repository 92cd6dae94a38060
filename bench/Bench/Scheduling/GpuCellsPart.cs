using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Bench.CellLatency;

namespace Notebook.Bench.Scheduling;

/// <summary>
/// How much longer a user waits for a cell that asks for a GPU, and finds one free, than for the same cell without: from the
/// submission until the kernel says that it runs it. By turns, one cell each.
/// </summary>
internal static class GpuCellsPart
{
    private const string Code = "1+1";
    private const double ExtraP50Max = 5;

    public static async Task<PartReport> RunAsync(int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookApi.OpenAsync(null);
        var kernel = await platform.Api.StartKernelAsync();
        await using var transport = await platform.Api.OpenAsync(kernel, "bench");
        var client = new BenchClient(transport);
        await client.KernelInfoAsync(stop);
        List<CellTimes> without = [], with = [];
        for (var round = -warmUp; round < cells; round++)
        {
            progress.Step("cells on each side", Math.Max(0, round), cells);
            var (alone, leased) = round % 2 == 0
                ? (await RunCellAsync(client, 0, stop), await RunCellAsync(client, 1, stop))
                : Swapped(await RunCellAsync(client, 1, stop), await RunCellAsync(client, 0, stop));
            if (round < 0) continue;
            without.Add(alone);
            with.Add(leased);
        }

        return Report(without, with);
    }

    private static Task<CellTimes> RunCellAsync(BenchClient client, int gpus, CancellationToken stop) =>
        client.RunCellAsync(Code, stop, new JsonObject { ["resource_request"] = new JsonObject { ["gpus"] = gpus } });

    private static (CellTimes Second, CellTimes First) Swapped(CellTimes first, CellTimes second) => (second, first);

    private static PartReport Report(List<CellTimes> without, List<CellTimes> with)
    {
        var (alone, leased) = (Percentiles.Of(without.Select(c => c.Input)), Percentiles.Of(with.Select(c => c.Input)));
        var (aloneEnd, leasedEnd) = (Percentiles.Of(without.Select(c => c.End)), Percentiles.Of(with.Select(c => c.End)));
        return new(
            "A cell that finds a GPU free, beside one that needs none, on three agents",
            [
                Percentiles.Head, alone.ToRow("until it runs, without GPUs"), leased.ToRow("until it runs, with a GPU"),
                aloneEnd.ToRow("until its end, without GPUs"), leasedEnd.ToRow("until its end, with a GPU"),
                string.Create(CultureInfo.InvariantCulture, $"more at the end, p50: {leasedEnd.P50 - aloneEnd.P50:0.00} ms"),
            ],
            new JsonObject
            {
                ["delay_without"] = alone.ToJson(),
                ["delay_with"] = leased.ToJson(),
                ["end_without"] = aloneEnd.ToJson(),
                ["end_with"] = leasedEnd.ToJson(),
            },
            [new("more delay with a GPU, p50", leased.P50 - alone.P50, ExtraP50Max, " ms")]);
    }
}
