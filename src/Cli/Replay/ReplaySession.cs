using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Cli.Notebooks;
using Notebook.Cli.Platform;
using Notebook.Hosting;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;
using Notebook.Simulator.Traces;

namespace Notebook.Cli.Replay;

/// <summary>
/// One session of a replay, as a person at a notebook: a kernel of its own through the gateway, to which each cell is sent at its
/// time, whether the one before has ended or not.
/// </summary>
internal sealed class ReplaySession(ReplayPlatform platform, TraceSession session, string kernelSpec, ReplayClock clock, TimeProvider time)
{
    private static readonly TimeSpan s_lead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly MessageBuilder _messages = new(MessageBuilder.NewId(), $"replay-{session.Session}", time);
    private readonly Dictionary<string, ReplayedCell> _byMessage = [];

    /// <summary>How long before its first cell a session starts its kernel.</summary>
    public static TimeSpan Lead => s_lead;

    /// <summary>Its cells.</summary>
    public ImmutableArray<ReplayedCell> Cells { get; } = [.. session.Cells.Select((cell, index) => new ReplayedCell(index, cell))];

    /// <summary>From when on it had a kernel; null while it has none.</summary>
    public TimeSpan? KernelFrom { get; private set; }

    /// <summary>When its kernel ended; null while it lives.</summary>
    public TimeSpan? KernelUntil { get; private set; }

    /// <summary>Requests for its kernel that were refused.</summary>
    public int RefusedStarts { get; private set; }

    /// <summary>Why it could not be played to its end; null when it was.</summary>
    public string? Fault { get; private set; }

    /// <summary>Plays it, to the end of its last cell and until its kernel is to end.</summary>
    /// <param name="until">When its kernel is to end, at the earliest.</param>
    /// <param name="cancel">Ends its kernel, whatever runs.</param>
    public async Task RunAsync(TimeSpan until, CancellationToken cancel)
    {
        try
        {
            await PlayAsync(until, cancel);
        }
        catch (UserException e)
        {
            Fault = e.Message;   // the other sessions go on
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Its cells say how far it came.
        }
    }

    private async Task PlayAsync(TimeSpan until, CancellationToken cancel)
    {
        using var kernels = new KernelsClient(platform.Gateway, platform.Token);
        using var admin = new AdminClient(platform.Silo, platform.Token);
        await clock.UntilAsync(session.Start - s_lead, cancel);
        var kernel = await StartAsync(kernels, cancel);
        KernelFrom = clock.Now;
        try
        {
            var channels = new UriBuilder(new Uri(platform.Gateway, $"api/kernels/{kernel}/channels?session_id={_messages.Session}")) { Scheme = platform.Gateway.Scheme == "https" ? "wss" : "ws" }.Uri;
            await using var socket = new KernelSocket(channels, platform.Token, time);
            await socket.OpenAsync(cancel);
            var hearing = HearAsync(socket, kernel, admin, cancel);
            await SubmitAsync(socket, cancel);
            await hearing;
            await clock.UntilAsync(until, cancel);
        }
        finally
        {
            await kernels.EndAsync(kernel);
            KernelUntil = clock.Now;
        }
    }

    private async Task<string> StartAsync(KernelsClient kernels, CancellationToken cancel)
    {
        var environment = new Dictionary<string, string>
        {
            ["KERNEL_USERNAME"] = $"replay-{session.Session}",
            ["KERNEL_GPUS"] = $"{session.Gpus}",
            ["NOTEBOOK_WAIT_NOTICES"] = "0",
        };
        while (true)
        {
            try
            {
                return await kernels.StartAsync(kernelSpec, Directory.GetCurrentDirectory(), cancel, environment);
            }
            catch (UserException)
            {
                RefusedStarts++;   // there is no room for it now; its cells wait meanwhile, and that is counted
                await Task.Delay(s_retry, time, cancel);
            }
        }
    }

    private async Task SubmitAsync(KernelSocket socket, CancellationToken cancel)
    {
        foreach (var cell in Cells)
        {
            await clock.UntilAsync(cell.Traced.Submit, cancel);
            var request = _messages.Build("execute_request", json => Write(json, cell));
            lock (_byMessage) _byMessage[JupyterHeader.Parse(request.Header.Span).MessageId] = cell;
            var metadata = new JsonObject { ["resource_request"] = new JsonObject { ["gpus"] = cell.Traced.Gpus } };
            cell.IsSubmitted = true;
            await socket.SendAsync(
                new SocketMessage(SocketChannel.Shell, request.Header, request.ParentHeader, JsonSerializer.SerializeToUtf8Bytes(metadata), request.Content, []), cancel);
        }
    }

    private static void Write(Utf8JsonWriter json, ReplayedCell cell)
    {
        json.WriteStartObject();
        json.WriteString("code"u8, ReplayCode.Of(cell.Traced.Duration));
        json.WriteBoolean("silent"u8, false);
        json.WriteBoolean("store_history"u8, true);
        json.WriteStartObject("user_expressions"u8);
        json.WriteEndObject();
        json.WriteBoolean("allow_stdin"u8, false);
        json.WriteBoolean("stop_on_error"u8, false);   // a cell that is lost takes no other with it
        json.WriteEndObject();
    }

    /// <summary>Takes in what the kernel says, until all cells have ended.</summary>
    private async Task HearAsync(KernelSocket socket, string kernel, AdminClient admin, CancellationToken cancel)
    {
        for (var left = Cells.Length; left > 0;)
        {
            if (await socket.ReceiveAsync(cancel) is not { } message) continue;   // opened again: the gateway goes on where it broke
            if (CellOf(message) is not { } cell) continue;
            var (wasOver, content) = (IsOver(cell), Json(message.Content));
            switch (JupyterHeader.Parse(message.Header.Span).MessageType)
            {
                case "stream" when NotebookDocument.Text(content["name"]) == "stdout":
                    cell.Printed(NotebookDocument.Text(content["text"]) ?? "", clock);
                    break;
                case "execute_reply":
                    cell.Replied(NotebookDocument.Text(content["status"]), NotebookDocument.Text(content["ename"]), clock.Now);
                    break;
                case "status" when NotebookDocument.Text(content["execution_state"]) == "idle":
                    cell.IsIdle = true;
                    break;
                default:
                    break;   // inputs, errors and what else there is tell nothing that the reply does not
            }

            if (wasOver || !IsOver(cell)) continue;
            left--;
            await FindPlaceAsync(cell, kernel, admin, cancel);
        }
    }

    private ReplayedCell? CellOf(SocketMessage message)
    {
        if (message.ParentHeader.Length <= 2) return null;
        lock (_byMessage) return _byMessage.GetValueOrDefault(JupyterHeader.Parse(message.ParentHeader.Span).MessageId);
    }

    private async Task FindPlaceAsync(ReplayedCell cell, string kernel, AdminClient admin, CancellationToken cancel)
    {
        try
        {
            cell.Place = CellPlace.Read(await admin.ExplainAsync(kernel, cancel), cell.Index + 1);
        }
        catch (UserException)
        {
            return;   // a silo that is just away: where this cell ran is not known
        }

        cell.SameExecutor = cell.Index > 0 && cell.Place is { } place && Cells[cell.Index - 1].Place?.Replica == place.Replica;
    }

    private static bool IsOver(ReplayedCell cell) => cell.Ended is not null && cell.IsIdle;

    private static JsonObject Json(ReadOnlyMemory<byte> content) => (JsonObject)JsonNode.Parse(content.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 512 })!;
}
