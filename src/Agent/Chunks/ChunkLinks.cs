using System.Collections.Concurrent;
using Notebook.Agent.Peers;
using Notebook.Objects;

namespace Notebook.Agent.Chunks;

/// <summary>
/// Large values on their way between agents: what a cell changed is offered to the servers of the kernel's other replicas,
/// and what a process here lacks is fetched from them. All members may be called from any thread.
/// </summary>
internal sealed partial class ChunkLinks : IAsyncDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private sealed record Fetching(ChunkFetch Fetch, Func<IReadOnlyCollection<string>> Members, TaskCompletionSource Over);

    private readonly Lock _lock = new();
    private readonly List<Fetching> _fetches = [];
    private readonly ConcurrentDictionary<string, Lazy<PeerChunks>> _peers = new();
    private readonly ObjectStore _store;
    private readonly ArrivingChunks _arriving;
    private readonly PeerLinks _links;
    private readonly TimeSpan _shortagePause;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;

    /// <summary>Exchanges the chunks of this store on these links.</summary>
    /// <param name="store">The server's store.</param>
    /// <param name="arriving">Takes what comes, and protects it until a log entry names it.</param>
    /// <param name="links">The links to the other agents.</param>
    /// <param name="shortagePause">How long nothing is wanted from a peer when there was no room for what it gave.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public ChunkLinks(ObjectStore store, ArrivingChunks arriving, PeerLinks links, TimeSpan shortagePause, TimeProvider time, ILogger log)
    {
        (_store, _arriving, _links, _shortagePause, _time, _log) = (store, arriving, links, shortagePause, time, log);
        links.PeerUp += Up;
        links.PeerDown += (server, _) => Down(server);
        links.Received += (server, body, bytes) =>
        {
            if (body == PeerBody.Objects) Of(server).Take(bytes);
        };
        _timer = time.CreateTimer(_ => Tick(), null, s_tick, s_tick);
    }

    /// <summary>A peer holds chunks that were offered to it; raised often, so handlers must be quick.</summary>
    public event Action? Confirmed;

    /// <summary>There was no room for a chunk of a peer's; raised often, so handlers must be quick.</summary>
    public event Action<DiskShortage>? NoRoom;

    /// <summary>A peer has no room for what is offered to it; raised as long as it says so, every few seconds. Handlers must be quick.</summary>
    public event Action<string>? PeerShort;

    /// <summary>Whether this server holds a chunk.</summary>
    public bool Holds(ChunkRef chunk) => _store.Holds(chunk);

    /// <summary>
    /// Whether a server's agent said that it holds a chunk; only for one that was offered to it. Of a chunk that is not here
    /// any more nobody can say so: it is offered no longer.
    /// </summary>
    public bool IsConfirmed(string server, ChunkRef chunk) => _store.Holds(chunk) && Of(server).IsConfirmed(chunk);

    /// <summary>Offers chunks, which the store holds, to other servers' agents: small changes before large ones.</summary>
    /// <returns>The servers that they are offered to.</returns>
    public IReadOnlyCollection<string> Offer(IReadOnlyCollection<string> servers, IReadOnlyCollection<ChunkRef> chunks)
    {
        if (chunks.Count == 0) return servers;
        var priority = 1 + (int)long.Log2(1 + (chunks.Sum(chunk => (long)chunk.Length) >> 20));
        foreach (var server in servers)
            if (Of(server).Offer(priority, chunks) is > 0 and var waiting) LogTooMuchOffered(server, waiting);

        return servers;
    }

    /// <summary>Has chunks fetched from a kernel's other servers, until all are here or nobody is left who may have the rest.</summary>
    /// <param name="members">The servers, as they are at the moment.</param>
    /// <param name="chunks">The chunks.</param>
    /// <param name="isPatient">Whether to wait for servers that are out of reach, for ever if need be.</param>
    /// <param name="giveUp">Ends the wait when it completes; what was asked for may still come.</param>
    /// <returns>What is still missing.</returns>
    public async Task<IReadOnlyCollection<ChunkRef>> FetchAsync(
        Func<IReadOnlyCollection<string>> members, IReadOnlyCollection<ChunkRef> chunks, bool isPatient, Task giveUp)
    {
        var fetching = new Fetching(new(chunks, isPatient), members, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            _fetches.Add(fetching);
            foreach (var chunk in chunks.Where(_store.Holds)) fetching.Fetch.Arrived(chunk);
            Advance_NeedsLock();
        }

        await Task.WhenAny(fetching.Over.Task, giveUp);
        lock (_lock)
        {
            _fetches.Remove(fetching);
            return [.. fetching.Fetch.Missing];
        }
    }

    /// <summary>Chunks came into the store another way.</summary>
    public void Kept(IEnumerable<ChunkRef> chunks)
    {
        foreach (var chunk in chunks) Arrived(chunk);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        foreach (var peer in _peers.Values) await peer.Value.DisposeAsync();
    }

    private PeerChunks Of(string server) => _peers.GetOrAdd(server, id => new(() => Make(id))).Value;

    private PeerChunks Make(string server)
    {
        var peer = new PeerChunks(server, _store, _arriving, _links, _shortagePause, _time);
        peer.NoRoom += shortage => NoRoom?.Invoke(shortage);
        peer.Stored += Arrived;
        peer.Lacked += Lacked;
        peer.Confirmed += () => Confirmed?.Invoke();
        peer.PeerShort += () => PeerShort?.Invoke(server);
        return peer;
    }

    private void Up(string server)
    {
        Of(server).Up();
        lock (_lock)
        {
            foreach (var fetching in _fetches) fetching.Fetch.Again(server);
            Advance_NeedsLock();
        }
    }

    private void Down(string server)
    {
        Of(server).Down();
        lock (_lock) Advance_NeedsLock();
    }

    private void Arrived(ChunkRef chunk)
    {
        lock (_lock)
        {
            foreach (var (fetch, _, over) in _fetches)
            {
                fetch.Arrived(chunk);
                if (fetch.Missing.Count == 0) over.TrySetResult();
            }
        }
    }

    private void Lacked(string server, IReadOnlyList<ChunkRef> chunks)
    {
        lock (_lock)
        {
            foreach (var fetching in _fetches) fetching.Fetch.Lacks(server, chunks);
            Advance_NeedsLock();
        }
    }

    private void Tick()
    {
        foreach (var peer in _peers.Values) peer.Value.Wake();
        lock (_lock) Advance_NeedsLock();
    }

    private void Advance_NeedsLock()
    {
        foreach (var (fetch, members, over) in _fetches)
        {
            var servers = members();
            foreach (var server in servers.Where(_links.IsUp)) Ask_NeedsLock(fetch, server);
            if (fetch.IsOver(servers, _links.IsUp)) over.TrySetResult();
        }
    }

    private void Ask_NeedsLock(ChunkFetch fetch, string server)
    {
        while (fetch.NextFor(server) is { Count: > 0 } next)
        {
            if (!Of(server).TryAsk(next)) return;   // the rest at a later tick
            fetch.Asked(server, next.Count);
        }
    }

    [LoggerMessage(EventId = 3105, Level = LogLevel.Warning, Message = "Too much is offered to the agent of {Server} already: {Count} chunks more wait")]
    private partial void LogTooMuchOffered(string server, int count);
}
