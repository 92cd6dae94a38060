using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Corpus;
using Notebook.JupyterWire;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Conformance;

/// <summary>
/// A kernel, a client that asks it, and another that looks on. Each request is made under the circumstance, and what
/// holds for every request is checked of each.
/// </summary>
internal sealed class Conversation : IAsyncDisposable
{
    /// <summary>Where the client's connection breaks, in a cell's code; elsewhere a comment.</summary>
    public const string Middle = "\n# the middle\n";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly Circumstance _circumstance;
    private readonly ServerGates _gates;
    private readonly ReturningClient _client;
    private readonly KernelSession _onlooker;
    private readonly string _folder;
    private string _process = "";
    private int _paths;

    private Conversation(Circumstance circumstance, ServerGates gates, JupyterApi api, string kernel, ReturningClient client, KernelSession onlooker, string folder)
    {
        (_circumstance, _gates, Api, Kernel) = (circumstance, gates, api, kernel);
        (_client, _onlooker, _folder) = (client, onlooker, folder);
    }

    public JupyterApi Api { get; }

    public string Kernel { get; }

    /// <summary>Everything that the client got.</summary>
    public IReadOnlyList<ClientMessage> Received => _client.Received;

    public static async Task<Conversation> StartAsync(Circumstance circumstance, ServerGates gates, JupyterApi api, string folder)
    {
        // A cell without GPUs stays where it is; one with moves to where the open gate is.
        var environment = new JsonObject { ["KERNEL_GPUS"] = circumstance == Circumstance.ExecutorChanges ? "1" : "0" };
        var kernel = await api.StartKernelAsync(options: new JsonObject { ["env"] = environment });
        var client = await ReturningClient.ConnectAsync(api, kernel);
        var onlooker = await api.ConnectAsync(kernel);
        await onlooker.AskAsync("shell", "kernel_info_request");
        return new(circumstance, gates, api, kernel, client, onlooker, folder);
    }

    /// <summary>Runs a cell.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="change">Changes its request; null for nothing.</param>
    /// <param name="types">What is typed when it asks, if it asks.</param>
    public Task<Exchange> RunAsync(string code, Action<JsonObject>? change = null, string? types = null)
    {
        var content = Requests.Execute(code, allowStdin: types is not null);
        change?.Invoke(content);
        return AskAsync("shell", "execute_request", content, types: types);
    }

    /// <summary>Makes a request.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="type">Its type.</param>
    /// <param name="content">Its content; null for none.</param>
    /// <param name="replies">Whether there is a reply to it: 1 or 0.</param>
    /// <param name="types">What is typed when it asks, if it asks.</param>
    /// <param name="buffers">Its buffers.</param>
    public async Task<Exchange> AskAsync(
        string channel, string type, JsonObject? content = null, int replies = 1, string? types = null, params ReadOnlyMemory<byte>[] buffers)
    {
        if (_circumstance == Circumstance.ExecutorChanges) await MoveAsync();
        var pause = NewPath();
        if (_circumstance == Circumstance.ConnectionBreaks && content?["code"] is { } code)
            content["code"] = code.ToString().Replace(Middle, $"\nimport os, time\nwhile not os.path.exists('{pause}'): time.sleep(0.01)\n", StringComparison.Ordinal);

        var (id, made) = new Requests(_client.Session.SessionId).Make(type, content);
        var request = new JupyterMessage(made.Header, made.ParentHeader, made.Metadata, made.Content, buffers);
        await _client.Session.SendAsync(channel, request);
        if (types is not null) await WaitAsync("the input_request", m => m.Parent.MessageId == id && m.Type == "input_request");
        if (_circumstance == Circumstance.ConnectionBreaks)
        {
            await WaitAsync($"{type}: busy", m => m.Parent.MessageId == id && m.IsStatus("busy"));
            await _client.BreakAsync();
            await File.WriteAllTextAsync(pause, "");
        }

        if (types is not null) await _client.Session.SendAsync("stdin", "input_reply", new JsonObject { ["value"] = types, ["status"] = "ok" });
        await WaitAsync($"{type}: idle", m => m.Parent.MessageId == id && m.IsStatus("idle"));
        if (replies > 0) await WaitAsync($"{type}: its reply", m => m.Parent.MessageId == id && m.Channel == channel);
        await _onlooker.WaitAsync($"{type}: idle, for who looks on", m => m.Parent.MessageId == id && m.IsStatus("idle"), s_limit);
        return Checked(channel, request, id, replies);
    }

    /// <summary>A file that is not there: what it is made for waits in a cell.</summary>
    public string NewPath() => Path.Combine(_folder, $"{Kernel}-{++_paths}");

    public Task<ClientMessage> WaitAsync(string what, Func<ClientMessage, bool> wanted) => _client.WaitAsync(what, wanted, s_limit);

    /// <summary>Sends without waiting for anything, under no circumstance.</summary>
    public Task<string> SendAsync(string channel, string type, JsonObject content) => _client.Session.SendAsync(channel, type, content);

    /// <summary>What came of a request that was sent, once it has its reply and is idle.</summary>
    public async Task<Cell> EndOfAsync(string id) => await _client.Session.EndOfAsync(id, s_limit);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _onlooker.DisposeAsync();
        await Api.DeleteKernelAsync(Kernel);
    }

    /// <summary>What holds of all that came so far.</summary>
    public void CheckAll()
    {
        Assert.Single(Received.Select(m => m.Header.Session).Distinct());
        Assert.Equal(Received.Count, Received.Select(m => m.Header.MessageId).Distinct().Count());
        Assert.DoesNotContain(Received, m => m.IsStatus("restarting") || m.IsStatus("autorestarting") || m.IsStatus("dead"));
        Assert.All(_onlooker.Received.Where(m => m.Channel != "iopub"), m => Assert.Equal(_onlooker.SessionId, m.Parent.Session));
    }

    private Exchange Checked(string channel, JupyterMessage request, string id, int replies)
    {
        var exchange = new Exchange(channel, request, [.. Received.Where(m => m.Parent.MessageId == id)]);
        exchange.Check(replies);
        Assert.Equal(
            exchange.Messages.Where(m => m.Channel == "iopub").Select(m => m.Header.MessageId),
            _onlooker.Received.Where(m => m.Parent.MessageId == id).Select(m => m.Header.MessageId));
        CheckAll();
        return exchange;
    }

    /// <summary>A silent cell in the next server's process.</summary>
    private async Task MoveAsync()
    {
        await _gates.NextAsync();
        var content = Requests.Execute("");
        content["silent"] = true;
        content["store_history"] = false;
        content["user_expressions"] = new JsonObject { ["process"] = "__import__('os').getpid()" };
        var id = await _client.Session.SendAsync("shell", "execute_request", content, ServerGates.Wanting(1));
        var cell = await _client.Session.EndOfAsync(id, s_limit);
        var process = cell.Reply.Content["user_expressions"]!["process"]!["data"]!["text/plain"]!.ToString();
        Assert.NotEqual(_process, process);
        _process = process;
    }
}
