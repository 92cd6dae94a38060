using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Bench.CellLatency;
using Notebook.JupyterWire.Zmq;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.Jupyter;

/// <summary>
/// <c>1+1</c> from submission to idle, a block on the platform and a block on its peer by turns, by the same client: three
/// replicas and a write to disk on the one side, one process on the other.
/// </summary>
internal static class CellsPart
{
    private const string Code = "1+1";
    private const int Block = 50;
    private const double ServerP50Max = 0.25, DirectP50Max = 1.25, DirectP99Max = 2;

    /// <summary>Beside a stock Jupyter Server with an ipykernel of its own, both over WebSocket.</summary>
    public static async Task<PartReport> BesideServerAsync(int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookApi.OpenAsync(null);
        await using var server = await JupyterServer.StartAsync([]);
        using var api = new JupyterApi(server.Address, token: null);
        var kernel = await api.StartKernelAsync();
        await using var transport = await api.OpenAsync(kernel, "bench");
        var (peer, ours) = await CompareAsync(transport, platform, cells, warmUp, progress, stop);
        await api.DeleteKernelAsync(kernel);
        return Report("Cells beside a stock Jupyter Server, both over WebSocket", "jupyter server", peer, ours,
            [new("1+1 of the Jupyter Server's, p50", ours.P50 / peer.P50, ServerP50Max)]);
    }

    /// <summary>Beside an ipykernel alone, over ZMQ.</summary>
    public static async Task<PartReport> BesideKernelAsync(int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookApi.OpenAsync(null);
        using var plain = PlainKernel.Start();
        using var context = new ZmqContext();
        await using var transport = new ZmqTransport(context, plain.Connection);
        var client = new BenchClient(transport);
        do await client.KernelInfoAsync(stop);
        while (!transport.IsSubscribed);
        var (peer, ours) = await CompareAsync(transport, platform, cells, warmUp, progress, stop);
        return Report("Cells beside an ipykernel alone, over ZMQ", "ipykernel", peer, ours,
            [new("1+1 of the ipykernel's, p50", ours.P50 / peer.P50, DirectP50Max), new("1+1 of the ipykernel's, p99", ours.P99 / peer.P99, DirectP99Max)]);
    }

    private static async Task<(Percentiles Peer, Percentiles Ours)> CompareAsync(
        IKernelTransport peerTransport, NotebookApi platform, int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        var kernel = await platform.Api.StartKernelAsync();
        await using var transport = await platform.Api.OpenAsync(kernel, "bench");
        var (peer, ours) = (new BenchClient(peerTransport), new BenchClient(transport));
        await peer.KernelInfoAsync(stop);
        await ours.KernelInfoAsync(stop);
        List<TimeSpan> onPeer = [], onOurs = [];
        await BlockAsync(peer, warmUp, [], stop);
        await BlockAsync(ours, warmUp, [], stop);
        while (onPeer.Count < cells)
        {
            progress.Step("cells on each side", onPeer.Count, cells);
            var block = Math.Min(Block, cells - onPeer.Count);
            await BlockAsync(peer, block, onPeer, stop);
            await BlockAsync(ours, block, onOurs, stop);
        }

        await platform.Api.DeleteKernelAsync(kernel);
        return (Percentiles.Of(onPeer), Percentiles.Of(onOurs));
    }

    private static async Task BlockAsync(BenchClient client, int cells, List<TimeSpan> into, CancellationToken stop)
    {
        for (var i = 0; i < cells; i++) into.Add((await client.RunCellAsync(Code, stop)).End);
    }

    private static PartReport Report(string title, string name, Percentiles peer, Percentiles ours, IReadOnlyList<Bound> bounds) => new(
        title,
        [
            Percentiles.Head, peer.ToRow($"1+1, {name}"), ours.ToRow("1+1, platform"),
            string.Create(CultureInfo.InvariantCulture, $"{"  ratio",-38}{ours.P50 / peer.P50,9:0.00}{ours.P90 / peer.P90,9:0.00}{ours.P99 / peer.P99,9:0.00}"),
        ],
        new JsonObject { ["peer"] = peer.ToJson(), ["platform"] = ours.ToJson() },
        bounds);
}
