using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Notebook.Bench.CellLatency;
using Notebook.JupyterWire;
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
        await using var peer = await api.OpenAsync(kernel, "bench");
        await using var ours = await platform.Api.OpenAsync(await platform.Api.StartKernelAsync(), "bench");
        var times = await CompareAsync([("jupyter server", peer), ("platform", ours)], cells, warmUp, progress, stop);
        await api.DeleteKernelAsync(kernel);
        return Report("Cells beside a stock Jupyter Server, both over WebSocket", times,
            [new("1+1 of the Jupyter Server's, p50", times[1].Times.P50 / times[0].Times.P50, ServerP50Max)]);
    }

    /// <summary>Beside an ipykernel alone, over ZMQ; a kernel of the platform by WebSocket, and one by a connection file, as the ipykernel.</summary>
    public static async Task<PartReport> BesideKernelAsync(int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookApi.OpenAsync(null);
        using var plain = PlainKernel.Start();
        using var context = new ZmqContext();
        await using var peer = new ZmqTransport(context, plain.Connection);
        await using var byWebSocket = await platform.Api.OpenAsync(await platform.Api.StartKernelAsync(), "bench");
        await using var byZmq = new ZmqTransport(context, await ConnectAsync(platform.Api));
        foreach (var zmq in new[] { peer, byZmq })
        {
            do await new BenchClient(zmq).KernelInfoAsync(stop);
            while (!zmq.IsSubscribed);
        }

        var times = await CompareAsync([("ipykernel", peer), ("platform, WebSocket", byWebSocket), ("platform, ZMQ", byZmq)], cells, warmUp, progress, stop);
        return Report("Cells beside an ipykernel alone, over ZMQ", times, [.. times.Skip(1).SelectMany(ours => BoundsOf(ours, times[0].Times))]);
    }

    private static Bound[] BoundsOf(Side ours, Percentiles peer) =>
    [
        new($"1+1 of the ipykernel's, {ours.Name}, p50", ours.Times.P50 / peer.P50, DirectP50Max),
        new($"1+1 of the ipykernel's, {ours.Name}, p99", ours.Times.P99 / peer.P99, DirectP99Max),
    ];

    /// <summary>A new kernel's ports, as its connection file says them.</summary>
    private static async Task<KernelConnection> ConnectAsync(JupyterApi api)
    {
        var (status, body) = await api.SendAsync(HttpMethod.Post, $"api/kernels/{await api.StartKernelAsync()}/connect");
        return status == 200
            ? KernelConnection.Parse(Encoding.UTF8.GetBytes(body!.ToJsonString()))
            : throw new InvalidOperationException($"a kernel's ports were not opened: {status} {body?.ToJsonString()}");
    }

    /// <summary>One of those that are compared: the first is the peer.</summary>
    private sealed record Side(string Name, Percentiles Times);

    private static async Task<Side[]> CompareAsync(
        (string Name, IKernelTransport Transport)[] sides, int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        var clients = sides.Select(side => new BenchClient(side.Transport)).ToArray();
        var times = sides.Select(_ => new List<TimeSpan>()).ToArray();
        foreach (var client in clients)
        {
            await client.KernelInfoAsync(stop);
            await BlockAsync(client, warmUp, [], stop);
        }

        while (times[0].Count < cells)
        {
            progress.Step("cells on each side", times[0].Count, cells);
            var block = Math.Min(Block, cells - times[0].Count);
            for (var i = 0; i < clients.Length; i++) await BlockAsync(clients[i], block, times[i], stop);
        }

        return [.. sides.Select((side, i) => new Side(side.Name, Percentiles.Of(times[i])))];
    }

    private static async Task BlockAsync(BenchClient client, int cells, List<TimeSpan> into, CancellationToken stop)
    {
        for (var i = 0; i < cells; i++) into.Add((await client.RunCellAsync(Code, stop)).End);
    }

    private static PartReport Report(string title, Side[] sides, IReadOnlyList<Bound> bounds)
    {
        var (peer, rows) = (sides[0].Times, new List<string> { Percentiles.Head });
        foreach (var (name, times) in sides)
        {
            rows.Add(times.ToRow($"1+1, {name}"));
            if (times == peer) continue;
            rows.Add(string.Create(CultureInfo.InvariantCulture, $"{"  ratio",-38}{times.P50 / peer.P50,9:0.00}{times.P90 / peer.P90,9:0.00}{times.P99 / peer.P99,9:0.00}"));
        }

        return new(title, rows, new JsonObject(sides.Select(side => KeyValuePair.Create<string, JsonNode?>(side.Name, side.Times.ToJson()))), bounds);
    }
}
