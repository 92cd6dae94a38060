using Notebook.Rig;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Conformance;

/// <summary>A client whose connection may break; it comes back as browsers do, with the same session id. One record of all that it got.</summary>
internal sealed class ReturningClient : IAsyncDisposable
{
    private readonly JupyterApi _api;
    private readonly string _kernel;
    private readonly List<KernelSession> _sessions = [];
    private WebSocketTransport _transport;

    private ReturningClient(JupyterApi api, string kernel, WebSocketTransport transport, string sessionId)
    {
        (_api, _kernel, _transport) = (api, kernel, transport);
        _sessions.Add(new KernelSession(transport, sessionId));
    }

    /// <summary>What it speaks through now.</summary>
    public KernelSession Session => _sessions[^1];

    /// <summary>What came over all its connections, in order.</summary>
    public IReadOnlyList<ClientMessage> Received => [.. _sessions.SelectMany(s => s.Received)];

    public static async Task<ReturningClient> ConnectAsync(JupyterApi api, string kernel)
    {
        var sessionId = Guid.NewGuid().ToString("N");
        return new(api, kernel, await api.OpenAsync(kernel, sessionId), sessionId);
    }

    /// <summary>Its connection breaks, and it comes back.</summary>
    public async Task BreakAsync()
    {
        _transport.Break();
        await Session.Ended.WaitAsync(Eventually.Limit, TimeProvider.System);
        _transport = await _api.OpenAsync(_kernel, Session.SessionId);
        _sessions.Add(new KernelSession(_transport, Session.SessionId));
    }

    /// <summary>Waits until some message has come, on whichever connection.</summary>
    public async Task<ClientMessage> WaitAsync(string what, Func<ClientMessage, bool> wanted, TimeSpan? limit = null) =>
        _sessions.SkipLast(1).SelectMany(s => s.Received).FirstOrDefault(wanted) ?? await Session.WaitAsync(what, wanted, limit);

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions) await session.DisposeAsync();
    }
}
