using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Contracts;

namespace Notebook.Bench.Scheduling.Control;

/// <summary>How large the cluster is, and how often each is done.</summary>
internal sealed record ControlSize(int Servers, int Gpus, int Kernels, int Rounds);

/// <summary>
/// Placing a kernel, and choosing an executor and leasing GPUs for a cell, in a large cluster: processor time of the control
/// plane. All grains run on one thread, whose time is read before and after each operation; what the storage takes of it is
/// read apart. The grains' clock stands still, so that no timer ticks into an operation. A quarter of the GPUs is held by cells.
/// </summary>
internal static class ControlPart
{
    private const double PlacingP99Max = 1, LeasingP99Max = 0.5;
    private const int Users = 100;

    public static Task<PartReport> RunAsync(string folder, ControlSize size, Progress progress, CancellationToken stop) =>
        Task.Factory.StartNew(() => Run(folder, size, progress, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static PartReport Run(string folder, ControlSize size, Progress progress, CancellationToken stop)
    {
        using var cluster = LargeCluster.Start(folder, size.Servers, size.Gpus, progress, stop);
        var kernels = new List<KernelId>();
        progress.Stage($"starting {size.Kernels:N0} kernels");
        while (kernels.Count < size.Kernels)
        {
            progress.Step("kernels", kernels.Count, size.Kernels);
            kernels.Add(cluster.StartKernel(kernels.Count % Users).Kernel);
        }

        var random = new Random(7);
        var order = kernels.ToArray();
        random.Shuffle(order);
        var holding = Math.Min(size.Kernels / 2, size.Servers * size.Gpus / 4);
        progress.Stage($"{holding:N0} cells take a GPU each");
        foreach (var kernel in order[..holding])
        {
            stop.ThrowIfCancellationRequested();
            cluster.Submit(kernel, $"holding-{kernel}");
        }

        progress.Stage($"{size.Rounds:N0} kernels and cells");
        List<Cost> placed = [], placedWhole = [], leased = [], leasedWhole = [], ended = [];
        for (var round = 0; round < size.Rounds; round++)
        {
            progress.Step("kernels and cells", round, size.Rounds);
            stop.ThrowIfCancellationRequested();
            var start = cluster.StartKernel(round % Users);
            placed.Add(start.Answered);
            placedWhole.Add(start.Settled);
            var cell = cluster.Submit(order[holding + (round % (order.Length - holding))], $"cell-{round}");
            leased.Add(cell.Ordered);
            leasedWhole.Add(cell.Settled);
            ended.Add(cluster.End());
        }

        return Report(size, holding, placed, placedWhole, leased, leasedWhole, ended);
    }

    private static PartReport Report(
        ControlSize size, int holding, List<Cost> placed, List<Cost> placedWhole, List<Cost> leased, List<Cost> leasedWhole, List<Cost> ended)
    {
        var (placing, leasing) = (Grains(placed), Grains(leased));
        return new(
            $"The control plane with {size.Servers:N0} servers of {size.Gpus} GPUs and {size.Kernels:N0} kernels, processor time",
            [
                Percentiles.Head,
                placing.ToRow("a kernel, until it is placed"), Storage(placed).ToRow("  and its storage"),
                Grains(placedWhole).ToRow("  all, until its replicas are up"), Storage(placedWhole).ToRow("  and the storage of it all"),
                leasing.ToRow("a cell, until its order is sent"), Storage(leased).ToRow("  and its storage"),
                Grains(leasedWhole).ToRow("  all, until everybody knows"), Grains(ended).ToRow("  and its end"),
                string.Create(CultureInfo.InvariantCulture,
                    $"writes: {Writes(placed):0.0} until a kernel is placed, {Writes(placedWhole):0.0} in all; {Writes(leased):0.0} until a cell is ordered. GPUs held meanwhile: {holding:N0}"),
                string.Create(CultureInfo.InvariantCulture,
                    $"memory taken: {KiloBytes(placed):0} KB until a kernel is placed, {KiloBytes(placedWhole):0} KB in all; {KiloBytes(leased):0} KB until a cell is ordered"),
                string.Create(CultureInfo.InvariantCulture,
                    $"garbage collections in {Collected(placed)} of {placed.Count:N0} placings and {Collected(leased)} of {leased.Count:N0} cells; what they took is counted"),
            ],
            new JsonObject
            {
                ["servers"] = size.Servers,
                ["gpus_per_server"] = size.Gpus,
                ["kernels"] = size.Kernels,
                ["placing"] = placing.ToJson(),
                ["placing_storage"] = Storage(placed).ToJson(),
                ["placing_settled"] = Grains(placedWhole).ToJson(),
                ["placing_settled_storage"] = Storage(placedWhole).ToJson(),
                ["leasing"] = leasing.ToJson(),
                ["leasing_storage"] = Storage(leased).ToJson(),
                ["leasing_settled"] = Grains(leasedWhole).ToJson(),
                ["cell_end"] = Grains(ended).ToJson(),
                ["placing_writes"] = Writes(placed),
                ["leasing_writes"] = Writes(leased),
                ["placing_kb"] = KiloBytes(placed),
                ["leasing_kb"] = KiloBytes(leased),
                ["placings_with_collection"] = Collected(placed),
                ["leasings_with_collection"] = Collected(leased),
            },
            [
                new("placing a kernel, p99 of processor time", placing.P99, PlacingP99Max, " ms"),
                new("choosing an executor and leasing, p99 of processor time", leasing.P99, LeasingP99Max, " ms"),
            ]);
    }

    private static Percentiles Grains(List<Cost> costs) => Percentiles.Of(costs.Select(c => c.Grains));

    private static Percentiles Storage(List<Cost> costs) => Percentiles.Of(costs.Select(c => c.Storage));

    private static int Collected(List<Cost> costs) => costs.Count(c => c.Collections > 0);

    private static double KiloBytes(List<Cost> costs) => Math.Round(costs.Average(c => c.Bytes) / 1024);

    private static double Writes(List<Cost> costs) => Math.Round(costs.Average(c => c.Writes), 2);
}
