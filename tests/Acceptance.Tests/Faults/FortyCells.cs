using Notebook.JupyterWire.Zmq;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>The notebook of <c>forty_cells.py</c>, and what a plain ipykernel says to it.</summary>
internal static class FortyCells
{
    private const string Separator = "# %%";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>The cells' code.</summary>
    public static IReadOnlyList<string> Code { get; } = [.. File
        .ReadAllText(Built.File("tests", "Acceptance.Tests", "Faults", "forty_cells.py"))
        .Split(Separator, StringSplitOptions.RemoveEmptyEntries)
        .Select(cell => cell[(cell.IndexOf('\n', StringComparison.Ordinal) + 1)..].TrimEnd('\n'))];

    /// <summary>Runs them on a plain ipykernel.</summary>
    public static async Task<IReadOnlyList<CellRecord>> RunPlainAsync()
    {
        using var home = new TemporaryDirectory();   // a history of its own: kernels that share one get into each other's way
        using var plain = PlainKernel.Start(home.Path);
        using var context = new ZmqContext();
        await using var transport = new ZmqTransport(context, plain.Connection);
        using var limit = new CancellationTokenSource(s_limit);
        var requests = new Requests("plain");
        do await AskAsync(transport, requests.Make("kernel_info_request"), limit.Token);
        while (!transport.IsSubscribed);

        var records = new List<CellRecord>();
        foreach (var code in Code)
        {
            // A plain kernel aborts what comes within a moment of an error, also when it was sent after the error's reply.
            var request = requests.Make("execute_request", Requests.Execute(code, stopOnError: false));
            records.Add(CellRecord.Of(await AskAsync(transport, request, limit.Token)));
        }

        return records;
    }

    /// <summary>One request at a time, and all that comes of it: the transport is not for two threads.</summary>
    private static async Task<Cell> AskAsync(ZmqTransport transport, (string Id, JupyterWire.JupyterMessage Message) request, CancellationToken cancel)
    {
        await transport.SendAsync("shell", request.Message, cancel);
        var messages = new List<ClientMessage>();
        ClientMessage? reply = null;
        while (reply is null || (transport.IsSubscribed && !messages.Exists(m => m.IsStatus("idle"))))
        {
            var message = await transport.ReceiveAsync(cancel);
            if (message.Parent.MessageId != request.Id) continue;
            messages.Add(message);
            if (message.Channel == "shell") reply = message;
        }

        return new Cell(request.Id, reply, messages);
    }
}
