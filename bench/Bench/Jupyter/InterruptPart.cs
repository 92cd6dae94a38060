using System.Diagnostics;
using System.Text.Json.Nodes;
using Notebook.Bench.CellLatency;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.Jupyter;

/// <summary>
/// From the interrupt to what the user sees of it: the <c>KeyboardInterrupt</c> of a cell that computes or sleeps, beside the same
/// on a stock Jupyter Server with an ipykernel of its own, and the end of one that waits for a GPU. By REST and by the control
/// channel; on the Jupyter Server by REST, as its users do it: it sends the signal.
/// </summary>
internal static class InterruptPart
{
    private const double P99Max = 200;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);   // past it an interrupt was lost
    private static readonly TimeSpan s_atWork = TimeSpan.FromMilliseconds(50);   // an interrupt while it still prints is lost to a plain ipykernel
    private const string Begun = "begun", Waits = "[waiting";
    private const string Computes = $"print('{Begun}', flush=True)\nwhile True: pass";
    private const string Sleeps = $"print('{Begun}', flush=True)\nimport time; time.sleep(60)";
    private const string Holds = $"print('{Begun}', flush=True)\nimport time; time.sleep(3600)";

    /// <param name="rounds">How often each cell is interrupted by each way.</param>
    /// <param name="progress">Told where it is.</param>
    /// <param name="stop">Ends it early.</param>
    public static async Task<PartReport> RunAsync(int rounds, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookPlatform.UpAsync(gpus: "simulated:1");
        var servers = (await platform.WholeAsync()).Servers.Count;
        await using var server = await JupyterServer.StartAsync([]);
        using var api = new JupyterApi(server.Address, token: null);
        await using var peer = await KernelAsync(api);
        await using var ours = await KernelAsync(platform.Api);

        static Func<Task> Rest(Kernel kernel) => () => kernel.Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel.Id}/interrupt", "{}");
        static Func<Task> Control(Kernel kernel) => () => kernel.Transport.SendAsync("control", new Requests("bench").Make("interrupt_request").Message).AsTask();

        var times = new List<(string Name, Percentiles Times, bool IsOurs)>();
        async Task MeasureAsync(string name, Kernel kernel, string code, string sign, Func<Task> interrupt, bool isOurs = true)
        {
            var each = new List<TimeSpan>();
            for (var round = -1; round < rounds; round++)   // one that does not count: code that is not compiled yet
            {
                progress.Step(name, round, rounds);
                var time = await TimeAsync(kernel.Transport, code, sign, interrupt, stop);
                if (round >= 0) each.Add(time);
            }

            times.Add((name, Percentiles.Of(each), isOurs));
        }

        foreach (var (what, code) in ((string, string)[])[("computes", Computes), ("sleeps", Sleeps)])
        {
            await MeasureAsync($"{what}, Jupyter Server", peer, code, Begun, Rest(peer), isOurs: false);
            await MeasureAsync($"{what}, REST", ours, code, Begun, Rest(ours));
            await MeasureAsync($"{what}, control", ours, code, Begun, Control(ours));
        }

        // Other kernels hold all GPUs from here on.
        var holders = new List<Kernel>();
        for (var i = 0; i < servers; i++)
        {
            var holder = await KernelAsync(platform.Api);
            holders.Add(holder);
            await UntilAsync(holder.Transport, await SubmitAsync(holder.Transport, Holds, stop), m => Says(m, Begun), stop);
        }

        await MeasureAsync("waits for a GPU, control", ours, "1+1", Waits, Control(ours));
        await MeasureAsync("waits for a GPU, REST", ours, "1+1", Waits, Rest(ours));
        foreach (var holder in holders) await holder.DisposeAsync();

        return new(
            "Interrupts, until the user sees them",
            [Percentiles.Head, .. times.Select(t => t.Times.ToRow(t.Name))],
            new JsonObject(times.Select(t => KeyValuePair.Create<string, JsonNode?>(t.Name, t.Times.ToJson()))),
            [.. times.Where(t => t.IsOurs).Select(t => new Bound($"{t.Name}, p99", t.Times.P99, P99Max, " ms"))]);
    }

    private static async Task<TimeSpan> TimeAsync(IKernelTransport transport, string code, string sign, Func<Task> interrupt, CancellationToken stop)
    {
        var cell = await SubmitAsync(transport, code, stop);
        await UntilAsync(transport, cell, m => Says(m, sign), stop);
        await Task.Delay(s_atWork, TimeProvider.System, stop);
        var since = Stopwatch.GetTimestamp();
        var interrupted = interrupt();
        await UntilAsync(transport, cell, m => m.Type is "error" or "execute_reply", stop);
        var time = Stopwatch.GetElapsedTime(since);
        await interrupted;
        await UntilAsync(transport, cell, m => m.IsStatus("idle"), stop);
        return time;
    }

    private static async Task<string> SubmitAsync(IKernelTransport transport, string code, CancellationToken stop)
    {
        var (id, request) = new Requests("bench").Make("execute_request", Requests.Execute(code));
        await transport.SendAsync("shell", request, stop);
        return id;
    }

    private static async Task UntilAsync(IKernelTransport transport, string cell, Func<ClientMessage, bool> wanted, CancellationToken stop)
    {
        while (await transport.ReceiveAsync(stop).AsTask().WaitAsync(s_limit, stop) is var message && (message.Parent.MessageId != cell || !wanted(message)))
        {
            // What else the cell says, and others.
        }
    }

    private static bool Says(ClientMessage message, string text) =>
        message.Type == "stream" && message.Text("text").Contains(text, StringComparison.Ordinal);

    private static async Task<Kernel> KernelAsync(JupyterApi api)
    {
        var id = await api.StartKernelAsync();
        var transport = await api.OpenAsync(id, "bench");
        await new BenchClient(transport).KernelInfoAsync(CancellationToken.None);
        return new(api, id, transport);
    }

    /// <summary>A kernel of the platform and its client.</summary>
    private sealed record Kernel(JupyterApi Api, string Id, WebSocketTransport Transport) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Transport.DisposeAsync();
            await Api.DeleteKernelAsync(Id);
        }
    }
}
