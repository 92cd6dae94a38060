using System.Diagnostics;
using Notebook.JupyterWire.Zmq;
using Notebook.Rig;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.CellLatency;

/// <summary>Times from the wish for a kernel to its first answer.</summary>
internal sealed record StartResults(IReadOnlyList<TimeSpan> Cold, IReadOnlyList<TimeSpan> Platform);

/// <summary>A plain ipykernel from the start of its process, and a platform kernel from the POST, by turns; each to its first kernel_info_reply.</summary>
internal static class StartRounds
{
    private static readonly TimeSpan s_refillLimit = TimeSpan.FromSeconds(20);

    public static async Task<StartResults> RunAsync(NotebookApi platform, int starts, CancellationToken stop)
    {
        List<TimeSpan> cold = [], pooled = [];
        using var context = new ZmqContext();
        var full = await platform.WarmAsync();
        for (var i = 0; i < starts; i++)
        {
            cold.Add(await ColdAsync(context, stop));
            await RefilledAsync(platform, full);
            pooled.Add(await PooledAsync(platform.Api, stop));
        }

        return new(cold, pooled);
    }

    private static async Task<TimeSpan> ColdAsync(ZmqContext context, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        using var kernel = PlainKernel.Start();
        await using var transport = new ZmqTransport(context, kernel.Connection);
        await new BenchClient(transport).KernelInfoAsync(stop);
        return Stopwatch.GetElapsedTime(started);
    }

    private static async Task<TimeSpan> PooledAsync(JupyterApi api, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var kernel = await api.StartKernelAsync();
        await using var transport = await api.OpenAsync(kernel, "bench");
        await new BenchClient(transport).KernelInfoAsync(stop);
        var taken = Stopwatch.GetElapsedTime(started);
        await api.DeleteKernelAsync(kernel);
        return taken;
    }

    /// <summary>The pool fills again in the background; a start from a full pool is what is measured.</summary>
    private static async Task RefilledAsync(NotebookApi platform, IReadOnlyList<int>? full)
    {
        if (full is null) await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);   // cannot be seen: leave it some time
        else await Eventually.IsTrueAsync(
            $"pools of {string.Join(", ", full)} warm processes or more",   // more when they were not full yet at first
            async () => (await platform.WarmAsync())!.Zip(full).All(pool => pool.First >= pool.Second), s_refillLimit);
    }
}
