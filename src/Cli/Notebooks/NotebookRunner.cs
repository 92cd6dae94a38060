using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Hosting;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Cli.Notebooks;

/// <summary>How the run of a notebook ended.</summary>
internal abstract record RunOutcome
{
    /// <summary>Every cell was run.</summary>
    public sealed record Done : RunOutcome;

    /// <summary>A cell failed, and the cells behind it were not run.</summary>
    /// <param name="Number">Its place in the notebook, from 1.</param>
    /// <param name="Error">What it raised, on a line.</param>
    public sealed record CellFailed(int Number, string Error) : RunOutcome;
}

/// <summary>Runs the cells of a notebook one after the other in a kernel, and puts their outputs into the notebook.</summary>
/// <param name="socket">The kernel's channels, open.</param>
/// <param name="stateOfKernel">Asks the gateway for the kernel's state, null when the kernel is gone.</param>
/// <param name="timeout">The longest time for one cell; null for no limit.</param>
/// <param name="allowErrors">Whether to go on behind a cell that failed.</param>
/// <param name="time">The clock.</param>
internal sealed class NotebookRunner(
    KernelSocket socket, Func<CancellationToken, Task<string?>> stateOfKernel, TimeSpan? timeout, bool allowErrors, TimeProvider time)
{
    private static readonly TimeSpan KernelWithin = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan IdleWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private const int IdleLooksMax = 5;

    private readonly MessageBuilder _messages = new(MessageBuilder.NewId(), Environment.UserName, time);
    private readonly OutputRules _outputs = new();
    private readonly Dictionary<string, NotebookCell> _cellOf = [];

    /// <summary>Runs all cells; <paramref name="finished"/> is told of each.</summary>
    public async Task<RunOutcome> RunAsync(NotebookDocument notebook, Action<NotebookCell> finished, CancellationToken cancel)
    {
        if (await AskKernelAsync(cancel) is { } language) notebook.SetLanguage(language);
        foreach (var cell in notebook.CodeCells) cell.Clear();   // only now: a kernel that never came leaves the file as it was
        foreach (var cell in notebook.CodeCells)
        {
            if (cell.IsToRun && await RunCellAsync(cell, cancel) is { } error && !allowErrors && !cell.MayFail)
                return new RunOutcome.CellFailed(cell.Number, error);
            finished(cell);
        }

        return new RunOutcome.Done();
    }

    private async Task<JsonNode?> AskKernelAsync(CancellationToken cancel)
    {
        var request = _messages.Build("kernel_info_request");
        await SendAsync(request, "{}"u8.ToArray(), cancel);
        var id = JupyterHeader.Parse(request.Header.Span).MessageId;
        var info = await ReplyAsync(id, KernelWithin, () => new UserException($"the kernel did not answer within {KernelWithin.TotalSeconds:0} s"), cancel);
        return info["language_info"];
    }

    /// <summary>Runs one cell; gives what it raised, or null.</summary>
    private async Task<string?> RunCellAsync(NotebookCell cell, CancellationToken cancel)
    {
        var request = _messages.Build("execute_request", json =>
        {
            json.WriteStartObject();
            json.WriteString("code"u8, cell.Source);
            json.WriteBoolean("silent"u8, false);
            json.WriteBoolean("store_history"u8, true);
            json.WriteStartObject("user_expressions"u8);
            json.WriteEndObject();
            json.WriteBoolean("allow_stdin"u8, false);
            json.WriteBoolean("stop_on_error"u8, !allowErrors);
            json.WriteEndObject();
        });
        var id = JupyterHeader.Parse(request.Header.Span).MessageId;
        _cellOf[id] = cell;
        var metadata = new JsonObject();
        if (cell.Resources is { } resources) metadata["resource_request"] = resources.DeepClone();
        await SendAsync(request, JsonSerializer.SerializeToUtf8Bytes(metadata), cancel);

        var reply = await ReplyAsync(id, timeout, () => new UserException($"cell {cell.Number} ran longer than {timeout!.Value.TotalSeconds:0} s (--timeout)"), cancel);
        return NotebookDocument.Text(reply["status"]) switch
        {
            "ok" => null,
            "aborted" => "aborted: a cell before it failed",
            _ => $"{NotebookDocument.Text(reply["ename"])}: {NotebookDocument.Text(reply["evalue"])}",
        };
    }

    private Task SendAsync(JupyterMessage message, ReadOnlyMemory<byte> metadata, CancellationToken cancel) =>
        socket.SendAsync(new SocketMessage(SocketChannel.Shell, message.Header, message.ParentHeader, metadata, message.Content, []), cancel);

    /// <summary>Takes up messages until the request's reply and its <c>idle</c> are both there.</summary>
    private async Task<JsonObject> ReplyAsync(string request, TimeSpan? within, Func<UserException> late, CancellationToken cancel)
    {
        JsonObject? reply = null;
        var idle = false;
        var start = time.GetTimestamp();
        while (reply is null || !idle)
        {
            var limit = reply is null ? within - time.GetElapsedTime(start) : IdleWithin;
            if (await NextAsync(limit, cancel) is not { } message)
            {
                if (reply is not null) return reply;   // a kernel that does not say that it is idle has answered all the same
                throw late();
            }

            var (type, parent, content) = message;
            if (type == "status" && NotebookDocument.Text(content["execution_state"]) == "dead") throw new UserException("the kernel died");
            if (_cellOf.TryGetValue(parent, out var cell)) _outputs.Take(cell, type, content);
            if (parent != request) continue;
            if (type is "execute_reply" or "kernel_info_reply") reply = content;
            else if (type == "status") idle |= NotebookDocument.Text(content["execution_state"]) == "idle";
        }

        return reply;
    }

    /// <summary>The next message, or null when none came in time.</summary>
    private async Task<(string Type, string Parent, JsonObject Content)?> NextAsync(TimeSpan? within, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var receiving = socket.ReceiveAsync(giveUp.Token);
        for (var idleLooks = 0; ;)
        {
            if (await Task.WhenAny(receiving, Task.Delay(Look, time, cancel)) == receiving)
            {
                if (await receiving is { } message) return Read(message);
                receiving = socket.ReceiveAsync(giveUp.Token);
                continue;
            }

            cancel.ThrowIfCancellationRequested();
            if (within is { } limit && time.GetElapsedTime(start) > limit)
            {
                await giveUp.CancelAsync();
                return null;
            }

            // A connection that broke may have taken our request, or its reply, with it: then nobody is working on it.
            idleLooks = socket.Reopened > 0 && await stateOfKernel(cancel) is null or "idle" or "dead" ? idleLooks + 1 : 0;
            if (idleLooks >= IdleLooksMax)
                throw new UserException("the connection to the gateway broke, and the reply to the running cell was lost with it: run the notebook again");
        }
    }

    private static (string Type, string Parent, JsonObject Content) Read(SocketMessage message) => (
        JupyterHeader.Parse(message.Header.Span).MessageType,
        JupyterHeader.Parse(message.ParentHeader.Span).MessageId,
        (JsonObject)JsonNode.Parse(message.Content.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 512 })!);
}
