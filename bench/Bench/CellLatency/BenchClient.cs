using System.Diagnostics;
using System.Text.Json.Nodes;
using Notebook.Rig.Client;

namespace Notebook.Bench.CellLatency;

/// <summary>When the stations of one cell were reached, from the moment before its request was sent.</summary>
internal readonly record struct CellTimes(TimeSpan Busy, TimeSpan Input, TimeSpan Result, TimeSpan Reply, TimeSpan End);

/// <summary>The client that is measured: the same code over every transport, one request at a time.</summary>
internal sealed class BenchClient(IKernelTransport transport)
{
    private readonly Requests _requests = new(Guid.NewGuid().ToString("N"));

    /// <summary>Runs a cell until both its reply and its idle status are here.</summary>
    public async Task<CellTimes> RunCellAsync(string code, CancellationToken stop, JsonObject? metadata = null)
    {
        var started = Stopwatch.GetTimestamp();
        var (id, request) = _requests.Make("execute_request", Requests.Execute(code), metadata);
        await transport.SendAsync("shell", request, stop);

        TimeSpan busy = default, input = default, result = default, reply = default, idle = default;
        while (reply == default || idle == default)
        {
            var message = await transport.ReceiveAsync(stop);
            if (message.Parent.MessageId != id) continue;
            var now = Stopwatch.GetElapsedTime(started);
            switch (message.Type)
            {
                case "status" when message.IsStatus("busy"): busy = now; break;
                case "status" when message.IsStatus("idle"): idle = now; break;
                case "execute_input": input = now; break;
                case "execute_result": result = now; break;
                case "execute_reply":
                    reply = now;
                    if (message.Text("status") != "ok") throw new InvalidOperationException($"the cell ended with {message}");
                    break;
            }
        }

        return new(busy, input, result, reply, reply > idle ? reply : idle);
    }

    /// <summary>Asks for the kernel's info and waits for the answer: a kernel that gives it is there.</summary>
    public async Task KernelInfoAsync(CancellationToken stop)
    {
        var (id, request) = _requests.Make("kernel_info_request");
        await transport.SendAsync("shell", request, stop);
        while (await transport.ReceiveAsync(stop) is var message && (message.Parent.MessageId != id || message.Type != "kernel_info_reply"))
        {
            // Statuses, and what other clients cause.
        }
    }
}
