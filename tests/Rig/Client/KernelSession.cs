using System.Text.Json.Nodes;
using Notebook.JupyterWire;

namespace Notebook.Rig.Client;

/// <summary>
/// One client of one kernel. It keeps all that it receives, in order, so that a test looks at the record and never
/// races with it: waiting for a message also finds one that came before.
/// </summary>
public sealed class KernelSession : IAsyncDisposable
{
    private readonly IKernelTransport _transport;
    private readonly Requests _requests;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<ClientMessage> _received = [];
    private readonly Task _pump;
    private TaskCompletionSource _changed = NewSignal();
    private Exception? _ended;

    public KernelSession(IKernelTransport transport, string sessionId)
    {
        _transport = transport;
        _requests = new Requests(sessionId);
        _pump = PumpAsync();
    }

    public string SessionId => _requests.Session;

    /// <summary>All messages so far.</summary>
    public IReadOnlyList<ClientMessage> Received
    {
        get { lock (_lock) return [.. _received]; }
    }

    /// <summary>Ends when the other side ended the connection.</summary>
    public Task Ended => _pump;

    /// <summary>Sends a request.</summary>
    /// <returns>Its <c>msg_id</c>.</returns>
    public async Task<string> SendAsync(string channel, string type, JsonObject? content = null, JsonObject? metadata = null)
    {
        var (id, message) = _requests.Make(type, content, metadata);
        await SendAsync(channel, message);
        return id;
    }

    public ValueTask SendAsync(string channel, JupyterMessage message) => _transport.SendAsync(channel, message, _stop.Token);

    /// <summary>Sends a request and waits for the reply to it.</summary>
    public async Task<ClientMessage> AskAsync(string channel, string type, JsonObject? content = null, TimeSpan? limit = null)
    {
        var id = await SendAsync(channel, type, content);
        return await WaitAsync($"the reply to {type} on {channel}", m => m.Parent.MessageId == id && m.Channel == channel, limit);
    }

    /// <summary>Submits a cell.</summary>
    /// <returns>Its <c>msg_id</c>.</returns>
    public Task<string> SubmitAsync(string code, bool allowStdin = false, bool stopOnError = true, JsonObject? metadata = null) =>
        SendAsync("shell", "execute_request", Requests.Execute(code, allowStdin, stopOnError), metadata);

    /// <summary>Submits a cell and waits for its end.</summary>
    public async Task<Cell> ExecuteAsync(string code, TimeSpan? limit = null, JsonObject? metadata = null) =>
        await EndOfAsync(await SubmitAsync(code, metadata: metadata), limit);

    /// <summary>Waits for a cell's end: its reply and its idle status, in whichever order.</summary>
    public async Task<Cell> EndOfAsync(string messageId, TimeSpan? limit = null)
    {
        var reply = await WaitAsync(
            "the execute_reply", m => m.Parent.MessageId == messageId && m.Type == "execute_reply", limit);
        await WaitAsync("the idle status of the cell", m => m.Parent.MessageId == messageId && m.IsStatus("idle"), limit);
        return new Cell(messageId, reply, [.. Received.Where(m => m.Parent.MessageId == messageId)]);
    }

    /// <summary>Waits until a cell's own code runs: until a piece of its output says so.</summary>
    public Task<ClientMessage> OutputOfAsync(string messageId, string text, TimeSpan? limit = null) => WaitAsync(
        $"'{text}' in the cell's output",
        m => m.Parent.MessageId == messageId && m.Type == "stream" && m.Text("text").Contains(text, StringComparison.Ordinal),
        limit);

    /// <summary>Waits for the first message, from the beginning of the record, that is as wanted.</summary>
    public async Task<ClientMessage> WaitAsync(string what, Func<ClientMessage, bool> wanted, TimeSpan? limit = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        var budget = limit ?? Eventually.Limit;
        var looked = 0;
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                for (; looked < _received.Count; looked++)
                    if (wanted(_received[looked])) return _received[looked];
                if (_ended is not null) throw new ConnectionEndedException($"the connection ended before {what}", _ended);
                changed = _changed.Task;
            }

            var left = budget - TimeProvider.System.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || await Task.WhenAny(changed, Delay(left)) != changed)
                throw new TimeoutException($"waited {budget.TotalSeconds:0} s for {what}; received so far:\n{Tail()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _transport.DisposeAsync();
        await _pump;
        _stop.Dispose();
    }

    private static Task Delay(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task PumpAsync()
    {
        await Task.Yield();
        try
        {
            while (true) Add(await _transport.ReceiveAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or JupyterFormatException or ObjectDisposedException)
        {
            lock (_lock) _ended = e;
            Pulse();
        }
    }

    private void Add(ClientMessage message)
    {
        lock (_lock) _received.Add(message);
        Pulse();
    }

    private void Pulse()
    {
        TaskCompletionSource changed;
        lock (_lock) (changed, _changed) = (_changed, NewSignal());
        changed.SetResult();
    }

    private string Tail() => Received is { Count: > 0 } all ? string.Join('\n', all.TakeLast(12)) : "nothing";
}
