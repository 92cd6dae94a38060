using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Bench.CellLatency;
using Notebook.JupyterWire;
using Notebook.JupyterWire.Zmq;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.Jupyter;

/// <summary>
/// Large outputs and inputs, on an ipykernel over ZMQ and on the platform over WebSocket by turns: until all of it is
/// here, and the kernel idle. Meanwhile the gateway's memory is looked at.
/// </summary>
internal static class OutputPart
{
    private const int Lines = 100_000, LineChars = 62, DisplayBytes = 50_000_000, BufferBytes = 200_000_000;
    private const double LinesMax = 1 / 0.9, LargeMax = 1.5, GatewayMemoryMax = 2048;

    private static readonly Load[] s_loads =
    [
        new("100,000 lines printed", $"for i in range({Lines}): print('x' * {LineChars})", (long)Lines * (LineChars + 1), 0, LinesMax),
        new("50 MB display_data", $"display({{'text/plain': 'x' * {DisplayBytes}}}, raw=True)", DisplayBytes, 0, LargeMax),
        new("200 MB buffer to the client", $"from ipykernel.comm import Comm; Comm(target_name='bench', data={{}}, buffers=[bytes({BufferBytes})]).close()", BufferBytes, 0, LargeMax),
        new("200 MB buffer to the kernel", "", 0, BufferBytes, LargeMax),
    ];

    /// <param name="Name">What it is called.</param>
    /// <param name="Code">The cell; empty for a comm message.</param>
    /// <param name="Bytes">What arrives at least.</param>
    /// <param name="Sends">How large the request's buffer is.</param>
    /// <param name="Max">How many times the direct time it may take.</param>
    private sealed record Load(string Name, string Code, long Bytes, int Sends, double Max);

    public static async Task<PartReport> RunAsync(int rounds, Progress progress, CancellationToken stop)
    {
        await using var platform = await NotebookPlatform.UpAsync();
        var gateway = (await platform.WholeAsync()).Process("gateway").Pid;
        using var plain = PlainKernel.Start();
        using var context = new ZmqContext();
        await using var direct = new ZmqTransport(context, plain.Connection);
        var peer = new BenchClient(direct);
        do await peer.KernelInfoAsync(stop);
        while (!direct.IsSubscribed);
        var kernel = await platform.Api.StartKernelAsync();
        await using var ours = await platform.Api.OpenAsync(kernel, "bench");
        await new BenchClient(ours).KernelInfoAsync(stop);

        var (lines, figures, bounds) = (new List<string> { Percentiles.Head }, new JsonObject(), new List<Bound>());
        foreach (var load in s_loads)
        {
            List<TimeSpan> onDirect = [], onOurs = [];
            ResidentMemory.ForgetPeak(gateway);
            for (var round = -1; round < rounds; round++)   // one that does not count: code that is not compiled yet
            {
                progress.Step(load.Name, round, rounds);
                var (first, second) = (await TimeAsync(direct, load, stop), await TimeAsync(ours, load, stop));
                if (round < 0) continue;
                onDirect.Add(first);
                onOurs.Add(second);
            }

            var (d, o, peak) = (Percentiles.Of(onDirect), Percentiles.Of(onOurs), ResidentMemory.PeakMegabytes(gateway));
            lines.AddRange([d.ToRow($"{load.Name}, direct"), o.ToRow($"{load.Name}, ours")]);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"  the gateway's memory at most {peak:0} MB"));
            figures[load.Name] = new JsonObject { ["direct"] = d.ToJson(), ["platform"] = o.ToJson(), ["gateway_peak_mb"] = Math.Round(peak) };
            bounds.Add(new($"{load.Name}, of the direct time", o.P50 / d.P50, load.Max));
            bounds.Add(new($"{load.Name}, the gateway's memory", peak, GatewayMemoryMax, " MB"));
        }

        return new("Large outputs, beside an ipykernel alone", lines, figures, bounds);
    }

    /// <summary>From sending to the last of: all bytes, the reply, idle.</summary>
    private static async Task<TimeSpan> TimeAsync(IKernelTransport transport, Load load, CancellationToken stop)
    {
        var requests = new Requests(Guid.NewGuid().ToString("N"));
        var (id, request) = load.Code.Length > 0
            ? requests.Make("execute_request", Requests.Execute(load.Code))
            : requests.Make("comm_msg", new JsonObject { ["comm_id"] = "none", ["data"] = new JsonObject() });
        if (load.Sends > 0) request = new JupyterMessage(request.Header, request.ParentHeader, request.Metadata, request.Content, [new byte[load.Sends]]);
        var hasReply = load.Code.Length > 0;

        var started = Stopwatch.GetTimestamp();
        await transport.SendAsync("shell", request, stop);
        var (bytes, replied, idle) = (0L, !hasReply, false);
        while (!replied || !idle || bytes < load.Bytes)
        {
            var message = await transport.ReceiveAsync(stop);
            if (message.Parent.MessageId != id) continue;
            replied |= message.Type == "execute_reply";
            idle |= message.Type == "status" && message.IsStatus("idle");
            if (message.Type is "stream" or "display_data" or "comm_open") bytes += message.Raw.Content.Length + message.Raw.Buffers.Sum(b => (long)b.Length);
            if (message.Type == "error") throw new InvalidOperationException($"the cell ended with {message}");
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
