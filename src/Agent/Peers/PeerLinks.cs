using System.Collections.Concurrent;
using Notebook.Links;

namespace Notebook.Agent.Peers;

/// <summary>
/// The links to other agents, at most one to each. The agents of a pair agree without a word who dials
/// (<see cref="PeerRules"/>); the other takes what comes, wanted or not, because the silo's word may reach it later.
/// </summary>
/// <remarks>
/// For each server, <see cref="PeerUp"/>, its frames and <see cref="PeerDown"/> come in this order and never at the same
/// time. <see cref="Received"/> is raised on the thread that found the bytes on the socket, so whoever listens must not
/// block; none of the three is ever raised inside a call of <see cref="TrySend"/>, <see cref="Want"/> or
/// <see cref="Release"/>. Listeners are added before the first link.
/// </remarks>
internal sealed partial class PeerLinks(PeerIdentity self, IPeerDialer dialer, TimeProvider time, ILogger<PeerLinks> log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, PeerLink> _live = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PeerDialling> _dialled = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>There is a link to this server's agent.</summary>
    public event Action<string>? PeerUp;

    /// <summary>The link to this server's agent is gone, and why. What was sent last may not have arrived.</summary>
    public event Action<string, string>? PeerDown;

    /// <summary>Bytes of this server's agent, in the order in which it sent them. They may be kept.</summary>
    public event Action<string, PeerBody, ReadOnlyMemory<byte>>? Received;

    /// <summary>Whether there is a link to this server's agent now.</summary>
    public bool IsUp(string server) => _live.TryGetValue(server, out var link) && link.IsUp;

    /// <summary>Keeps a link to this server's agent from now on. With another address than before, the link is made again, to there.</summary>
    /// <param name="server">Not our own.</param>
    /// <param name="address">Where its agent listens, such as <c>ws://127.0.0.1:9000/</c>.</param>
    public void Want(string server, Uri address)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(server, self.Id);
        if (!PeerRules.Dials(self.Id, server)) return;   // it dials us
        lock (_lock)
        {
            if (_dialled.TryGetValue(server, out var present))
            {
                if (present.Address == address) return;
                present.Stop();
            }

            _dialled[server] = new PeerDialling(self, server, address, dialer, ServeAsync, time, log, _stop.Token);
        }
    }

    /// <summary>The link to this server's agent is not needed any more. A link that the other has dialled is its to end.</summary>
    public void Release(string server)
    {
        lock (_lock)
        {
            if (_dialled.Remove(server, out var present)) present.Stop();
        }
    }

    /// <summary>Sends to a server's agent without waiting. The bytes are copied before this returns.</summary>
    /// <returns>False when there is no link, or the peer does not keep up: nothing was sent.</returns>
    public bool TrySend(string server, PeerBody body, ReadOnlyMemory<byte> bytes) =>
        _live.TryGetValue(server, out var link) && link.TrySend(body, bytes);

    /// <summary>Ends the link to a server's agent, which broke the rules. <see cref="PeerDown"/> follows; who dials dials again.</summary>
    public void Break(string server, string reason)
    {
        if (_live.TryGetValue(server, out var link)) link.Break(reason);
    }

    /// <summary>Serves a link from or to another agent until it is gone. A newer link of the same agent ends an older one.</summary>
    public async Task ServeAsync(Link link, CancellationToken stop)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, _stop.Token);
        using var peer = new PeerLink(link, time);
        var server = link.Peer.Id;
        while (!_live.TryAdd(server, peer))
        {
            if (!_live.TryGetValue(server, out var older)) continue;
            older.Break("a newer link took its place");
            await older.Over;
        }

        try
        {
            LogUp(server);
            PeerUp?.Invoke(server);
            var reason = await peer.ReadAsync((body, bytes) => Received?.Invoke(server, body, bytes), both.Token);
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // a failed TrySend may have brought us here
            LogDown(server, reason);
            PeerDown?.Invoke(server, reason);
        }
        finally
        {
            _live.TryRemove(new(server, peer));
        }
    }

    /// <summary>Ends all links.</summary>
    public async ValueTask DisposeAsync()
    {
        PeerDialling[] dialled;
        lock (_lock)
        {
            dialled = [.. _dialled.Values];
            _dialled.Clear();
        }

        await _stop.CancelAsync();
        foreach (var dialling in dialled) await dialling.Ended;
        foreach (var link in _live.Values) await link.Over;
        _stop.Dispose();
    }

    [LoggerMessage(EventId = 3061, Level = LogLevel.Information, Message = "Linked with the agent of {Server}")]
    private partial void LogUp(string server);

    [LoggerMessage(EventId = 3062, Level = LogLevel.Warning, Message = "The link with the agent of {Server} is gone: {Reason}")]
    private partial void LogDown(string server, string reason);
}
