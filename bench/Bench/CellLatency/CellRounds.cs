using Notebook.JupyterWire.Zmq;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.CellLatency;

/// <summary>The times of cells on both sides.</summary>
internal sealed record CellResults(IReadOnlyList<CellTimes> Direct, IReadOnlyList<CellTimes> Platform);

/// <summary>
/// <c>1+1</c> by turns, a block on a plain ipykernel over ZMQ, a block on the platform over its WebSocket: what else
/// the machine does in the meantime hits both.
/// </summary>
internal static class CellRounds
{
    private const string Code = "1+1";
    private const int Block = 50;

    public static async Task<CellResults> RunAsync(NotebookApi platform, int cells, int warmUp, Progress progress, CancellationToken stop)
    {
        using var plain = PlainKernel.Start();
        using var context = new ZmqContext();
        await using var directTransport = new ZmqTransport(context, plain.Connection);
        var direct = new BenchClient(directTransport);
        do await direct.KernelInfoAsync(stop);
        while (!directTransport.IsSubscribed);

        var kernel = await platform.Api.StartKernelAsync();
        await using var platformTransport = await platform.Api.OpenAsync(kernel, "bench");
        var gateway = new BenchClient(platformTransport);
        await gateway.KernelInfoAsync(stop);

        List<CellTimes> onDirect = [], onPlatform = [];
        await BlockAsync(direct, warmUp, [], stop);
        await BlockAsync(gateway, warmUp, [], stop);
        while (onDirect.Count < cells)
        {
            progress.Step("cells on each side", onDirect.Count, cells);
            var block = Math.Min(Block, cells - onDirect.Count);
            await BlockAsync(direct, block, onDirect, stop);
            await BlockAsync(gateway, block, onPlatform, stop);
        }

        await platform.Api.DeleteKernelAsync(kernel);
        return new(onDirect, onPlatform);
    }

    private static async Task BlockAsync(BenchClient client, int cells, List<CellTimes> into, CancellationToken stop)
    {
        for (var i = 0; i < cells; i++) into.Add(await client.RunCellAsync(Code, stop));
    }
}
