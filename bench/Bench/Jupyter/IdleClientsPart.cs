using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Bench.CellLatency;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.Jupyter;

/// <summary>What clients cost the gateway that are connected and do nothing: a WebSocket each, on a kernel each that has run a cell.</summary>
internal static class IdleClientsPart
{
    private const double CpuShareMax = 0.02;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(20);

    public static async Task<PartReport> RunAsync(int kernels, TimeSpan window, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookPlatform.UpAsync();
        using var gateway = Process.GetProcessById((await platform.WholeAsync()).Process("gateway").Pid);
        var clients = new List<WebSocketTransport>();
        try
        {
            for (var i = 0; i < kernels; i++)
            {
                progress.Step("kernels", i, kernels);
                // One process each: what the other replicas do when nobody asks is another benchmark's matter (replication, idle).
                var kernel = await platform.Api.StartKernelAsync(options: new JsonObject
                {
                    ["standby"] = "cold",
                    ["env"] = new JsonObject { ["KERNEL_GPUS"] = "0" },
                });
                clients.Add(await platform.Api.OpenAsync(kernel, $"bench-{i}"));
                await new BenchClient(clients[^1]).RunCellAsync("1+1", stop);
            }

            var pings = clients.Select(client => PingsAsync(client, stop)).ToArray();
            progress.Stage($"waiting {s_settle.TotalSeconds:0} s, then looking at the gateway for {window.TotalSeconds:0} s");
            await Task.Delay(s_settle, TimeProvider.System, stop);
            var share = await ProcessorShare.OfAsync(gateway, window, stop);
            if (pings.FirstOrDefault(p => p.IsCompleted) is { } gone) await gone;
            return new(
                $"{kernels} idle clients on as many kernels",
                [string.Create(CultureInfo.InvariantCulture, $"the gateway's processor {share:0.000%} of a core")],
                new JsonObject { ["kernels"] = kernels, ["gateway_processor_share"] = Math.Round(share, 6) },
                [new("the gateway's processor, share of a core", share, CpuShareMax)]);
        }
        finally
        {
            foreach (var client in clients) await client.DisposeAsync();
        }
    }

    /// <summary>Reads, as a client does: that is how it answers pings.</summary>
    private static async Task PingsAsync(WebSocketTransport client, CancellationToken stop)
    {
        while (true) await client.ReceiveAsync(stop);
    }
}
