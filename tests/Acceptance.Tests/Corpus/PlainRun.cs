using System.Text.Json.Nodes;
using Notebook.JupyterWire.Zmq;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Corpus;

/// <summary>What a case comes to on a plain ipykernel, which runs all of it.</summary>
/// <param name="Printed">By its cells after the change of executor.</param>
/// <param name="End">At its end.</param>
internal sealed record PlainRun(IReadOnlyList<string> Printed, CaseLook End)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs it. Blocks a thread while it waits.</summary>
    public static async Task<PlainRun> RunAsync(
        PlainKernels kernels, ZmqContext context, CorpusCase @case, string folder, IReadOnlyDictionary<string, string> environment)
    {
        using var kernel = await kernels.ForkAsync(folder, environment);
        await using var transport = new ZmqTransport(context, kernel.Connection);
        var requests = new Requests(Guid.NewGuid().ToString("N"));
        while (!transport.IsSubscribed) await AskAsync("kernel_info_request", []);
        var cells = new CaseCells(content => AskAsync("execute_request", content), folder);

        await cells.BeginAsync(@case);
        await cells.RunAsync(@case.Before);
        var (printed, _) = await cells.RunAsync(@case.After);
        return new(printed, await cells.LookAsync(@case));

        async Task<Cell> AskAsync(string type, JsonObject content)
        {
            var (id, request) = requests.Make(type, content);
            List<ClientMessage> messages = [];
            using var stop = new CancellationTokenSource(s_limit);
            try
            {
                await transport.SendAsync("shell", request, stop.Token);
                // What comes on iopub before the subscription is in force never comes here.
                while (!IsComplete(type, messages))
                    if (await transport.ReceiveAsync(stop.Token) is var message && message.Parent.MessageId == id) messages.Add(message);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(
                    $"{@case.Name}: a plain kernel did not end {content.ToJsonString()} in {s_limit.TotalSeconds:0} s:\n{string.Join('\n', messages)}");
            }

            return new(id, messages.First(m => m.Channel == "shell"), messages);
        }
    }

    private static bool IsComplete(string type, List<ClientMessage> messages) =>
        messages.Any(m => m.Channel == "shell") && (type != "execute_request" || messages.Any(m => m.IsStatus("idle")));
}
