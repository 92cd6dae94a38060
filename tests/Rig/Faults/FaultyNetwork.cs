using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Notebook.Rig.Faults;

/// <summary>
/// The network between real processes, with faults: each listener has a relay in front of it, which finds out who dials
/// and sends the bytes over one <see cref="Wire"/> there and another one back. Names are <c>silo</c>, <c>gateway</c> and
/// the ids of agents.
/// </summary>
public sealed class FaultyNetwork : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string From, string To), Wire> _wires = new();
    private readonly ConcurrentDictionary<RelayedConnection, bool> _connections = new();
    private readonly List<TcpListener> _relays = [];
    private readonly List<Task> _accepting = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The way from one process to another.</summary>
    public Wire Wire(string from, string to) => _wires.GetOrAdd((from, to), _ => new());

    /// <summary>Puts a relay in front of a listener.</summary>
    /// <param name="listener">Its name.</param>
    /// <param name="target">Where it listens, or will.</param>
    /// <param name="dialler">Who alone is given the relay's address; null when the first bytes say who dials.</param>
    /// <returns>The address to dial instead.</returns>
    public Uri Front(string listener, Uri target, string? dialler = null)
    {
        var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        _relays.Add(relay);
        _accepting.Add(AcceptAsync(relay, listener, target, dialler));
        return new UriBuilder("ws", "127.0.0.1", ((IPEndPoint)relay.LocalEndpoint).Port).Uri;
    }

    /// <summary>Nothing gets from one to the other, nor back.</summary>
    public void Cut(string one, string other)
    {
        Wire(one, other).Block();
        Wire(other, one).Block();
    }

    /// <summary>The connections between two break, as when a firewall resets them; new ones can be made where no wire is blocked.</summary>
    public void Reset(string one, string other)
    {
        foreach (var connection in _connections.Keys)
            if (connection.IsBetween(one, other)) connection.Reset();
    }

    /// <summary>Everything gets through again.</summary>
    public void Heal()
    {
        foreach (var wire in _wires.Values) wire.Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_accepting);
        foreach (var relay in _relays) relay.Stop();
        foreach (var connection in _connections.Keys) await connection.Ended;
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener relay, string listener, Uri target, string? dialler)
    {
        try
        {
            while (true)
            {
                var connection = new RelayedConnection(this, await relay.AcceptSocketAsync(_stop.Token), listener, dialler);
                _connections[connection] = true;
                _ = connection.RunAsync(target, _stop.Token).ContinueWith(_ => _connections.TryRemove(connection, out bool _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }
}
