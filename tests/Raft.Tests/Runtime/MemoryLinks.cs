using System.Collections.Concurrent;
using Notebook.Raft.Runtime;

namespace Notebook.Raft.Tests.Runtime;

/// <summary>Links between hosts in one process: each way of a link is a queue with one worker, as a socket has one reader.</summary>
internal sealed class MemoryLinks
{
    private readonly ConcurrentDictionary<string, RaftHost> _hosts = new();
    private readonly ConcurrentDictionary<(string From, string To), Way> _ways = new();
    private int _inFlight;
    private long _sent;

    /// <summary>Frames that are on their way or being worked on.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Frames that were sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>The latest fault that a host found in what a peer sent.</summary>
    public PeerFault? Fault { get; private set; }

    /// <summary>Frames that get lost.</summary>
    public Func<string, string, bool> Loses { get; set; } = (_, _) => false;

    public IPeerTransport Of(string server) => new Transport(this, server);

    public void Connect(string server, RaftHost host) => _hosts[server] = host;

    public void Cut(string server) => _hosts.TryRemove(server, out _);

    private bool TrySend(string from, string to, ReadOnlyMemory<byte> frame)
    {
        if (!_hosts.ContainsKey(to) || !_hosts.ContainsKey(from)) return false;
        Interlocked.Increment(ref _sent);
        if (Loses(from, to)) return true;
        Interlocked.Increment(ref _inFlight);
        var way = _ways.GetOrAdd((from, to), _ => new Way());
        way.Frames.Enqueue(frame);
        if (Interlocked.Increment(ref way.Waiting) == 1) ThreadPool.UnsafeQueueUserWorkItem(_ => Work(way, from, to), null);
        return true;
    }

    private void Work(Way way, string from, string to)
    {
        do
        {
            way.Frames.TryDequeue(out var frame);
            if (_hosts.TryGetValue(to, out var host) && host.Receive(from, frame) is { } fault) Fault = fault;
            Interlocked.Decrement(ref _inFlight);
        }
        while (Interlocked.Decrement(ref way.Waiting) > 0);
    }

    private sealed class Way
    {
        public readonly ConcurrentQueue<ReadOnlyMemory<byte>> Frames = new();
        public int Waiting;
    }

    private sealed class Transport(MemoryLinks links, string server) : IPeerTransport
    {
        public bool TrySend(string to, ReadOnlyMemory<byte> frame) => links.TrySend(server, to, frame);
    }
}
