using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Bench.CellLatency;
using Notebook.JupyterWire.Zmq;
using Notebook.Rig;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.Replication;

/// <summary>
/// A large array of which each cell changes another per cent, in one piece: what travels to the other servers, and how
/// much longer the cell takes than at a plain ipykernel.
/// </summary>
internal static class ArrayPart
{
    private const double ShippedShareMax = 0.02, ExtraSecondsMax = 0.5;
    private const int QuietLooks = 10;   // half a second
    private static readonly TimeSpan s_copyLimit = TimeSpan.FromMinutes(5);

    public static async Task<PartReport> RunAsync(int megabytes, int rounds, Progress progress, CancellationToken stop)
    {
        progress.Stage("bringing a platform up");
        await using var platform = await NotebookPlatform.UpAsync();
        var kernel = await platform.Api.StartKernelAsync();
        await using var transport = await platform.Api.OpenAsync(kernel, "bench");
        var replicated = new BenchClient(transport);
        await replicated.KernelInfoAsync(stop);

        using var plain = PlainKernel.Start();
        using var context = new ZmqContext();
        await using var direct = new ZmqTransport(context, plain.Connection);
        var alone = new BenchClient(direct);
        do await alone.KernelInfoAsync(stop);
        while (!direct.IsSubscribed);

        var length = megabytes * 125_000;
        var make = $"import numpy as np; a = np.random.default_rng(7).random({length}); a.nbytes";
        progress.Stage($"making {megabytes} MB, and the first copies of it");
        await alone.RunCellAsync(make, stop);
        var first = await replicated.RunCellAsync(make, stop);
        var stores = await StoresAsync(platform, kernel);
        await CopiedAsync(platform, kernel, stores);

        List<TimeSpan> onPlain = [], onPlatform = [];
        List<double> shipped = [];
        for (var round = 0; round < rounds; round++)
        {
            progress.Stage($"change {round + 1} of {rounds}");
            var from = (long)length * round / rounds;
            var change = $"a[{from}:{from + length / 100}] = np.random.default_rng({round}).random({length / 100})";
            var before = stores.Select(store => store.ArrivedBytes).ToArray();
            onPlain.Add((await alone.RunCellAsync(change, stop)).End);
            onPlatform.Add((await replicated.RunCellAsync(change, stop)).End);
            await CopiedAsync(platform, kernel, stores);
            shipped.Add(stores.Select((store, i) => store.ArrivedBytes - before[i]).Max() / (megabytes * 1e6));
        }

        return Report(megabytes, first.End, Percentiles.Of(onPlain), Percentiles.Of(onPlatform), shipped);
    }

    private static PartReport Report(int megabytes, TimeSpan first, Percentiles plain, Percentiles platform, List<double> shipped)
    {
        var extra = (platform.P50 - plain.P50) / 1000;
        return new(
            $"One per cent of an array of {megabytes:N0} MB changed",
            [
                Percentiles.Head, plain.ToRow("the change, ipykernel over ZMQ"), platform.ToRow("the change, platform"),
                string.Create(CultureInfo.InvariantCulture,
                    $"the first cell took {first.TotalSeconds:0.0} s; shipped to a server for a change {shipped.Average():0.00%} of the array, {shipped.Max():0.00%} at most"),
            ],
            new JsonObject
            {
                ["array_mb"] = megabytes,
                ["ipykernel"] = plain.ToJson(),
                ["platform"] = platform.ToJson(),
                ["first_cell_ms"] = Math.Round(first.TotalMilliseconds, 3),
                ["shipped_share"] = Math.Round(shipped.Average(), 5),
                ["shipped_share_max"] = Math.Round(shipped.Max(), 5),
            },
            [new("shipped, share of the array", shipped.Max(), ShippedShareMax), new("cell, more than alone", extra, ExtraSecondsMax, " s")]);
    }

    private static async Task<ArrivedFiles[]> StoresAsync(NotebookPlatform platform, string kernel)
    {
        var status = await platform.StatusAsync("an executor of three", s => s.Executor(kernel) is not null && s.Kernel(kernel).Replicas.Count == 3);
        return
        [
            .. status.Kernel(kernel).Replicas.Where(r => r.Server != status.Executor(kernel)!.Server)
                .Select(r => new ArrivedFiles(Path.Combine(platform.Data, "state", r.Server))),
        ];
    }

    /// <summary>Waits until the state is safe, and nothing more arrives at either of the other servers.</summary>
    private static async Task CopiedAsync(NotebookPlatform platform, string kernel, ArrivedFiles[] stores)
    {
        await platform.StatusAsync("safe state", s => s.Executor(kernel) is not null && s.Kernel(kernel).StateSafe, s_copyLimit);
        var quiet = 0;
        await Eventually.IsTrueAsync(
            "the end of the copying",
            () =>
            {
                var looks = Array.ConvertAll(stores, store => store.Look());
                quiet = looks.Contains(true) ? 0 : quiet + 1;
                return Task.FromResult(quiet >= QuietLooks);
            },
            s_copyLimit);
    }
}
