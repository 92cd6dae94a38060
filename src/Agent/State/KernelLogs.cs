using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Notebook.Agent.Chunks;
using Notebook.Agent.Peers;
using Notebook.Agent.Replicas;
using Notebook.Hosting;
using Notebook.Links.Protocol;
using Notebook.Objects;
using Notebook.Raft;
using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;

namespace Notebook.Agent.State;

/// <summary>
/// The kernels' logs on this server: one store and one Raft runtime for all of them, on the links to the other agents, and
/// the store of large values beside it. Everything is in <c>state/AGENT/</c> of the data directory.
/// </summary>
internal sealed partial class KernelLogs : IChunkOwner, IAsyncDisposable
{
    private const string Cluster = "notebook";
    private static readonly TimeSpan s_removalPause = TimeSpan.FromSeconds(2);
    private readonly LogStore _store;
    private readonly RaftHost _host;
    private readonly ObjectStore _objects;
    private readonly ArrivingChunks _arriving;
    private readonly ChunkCollector _collector;
    private readonly LogNames _names;
    private readonly ConcurrentDictionary<GroupId, KernelLog> _open = new();
    private readonly ConcurrentDictionary<GroupId, bool> _ended = new();   // to be removed; the log writer has not taken it yet
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _server;

    /// <summary>Opens what the server has.</summary>
    /// <param name="settings">Where that is.</param>
    /// <param name="options">Its measures.</param>
    /// <param name="links">The links to the other agents.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="UserException">It cannot be opened; the message says what to do.</exception>
    public KernelLogs(ProcessSettings settings, StateOptions options, PeerLinks links, TimeProvider time, ILogger log)
    {
        (_server, _time, _log) = (settings.Self.Id, time, log);
        var folder = Path.Combine(settings.Data.State, settings.Self.Id);
        try
        {
            var objects = Path.Combine(folder, "objects");
            Directory.CreateDirectory(objects);
            ObjectsFolder = Path.Combine(objects, "chunks");
            _store = LogStore.Open(options.OpenLogDisk(Path.Combine(folder, "raft")), new StoreIdentity(Cluster, _server));
            _objects = ObjectStore.Open(objects, options.Objects);
            _names = new LogNames(Path.Combine(folder, "kernels"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreRefusedException)
        {
            throw new UserException($"the kernels' state in {folder} cannot be opened: {e.Message}", ExitCodes.DataDirectory);
        }

        _arriving = new ArrivingChunks(_objects, time);
        Chunks = new ChunkLinks(_objects, _arriving, links, options.ShortagePause, time, log);
        var seed = BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(_server)));
        _host = new RaftHost(_store, new Transport(links), time, new RaftHostOptions(), seed, log);
        links.PeerUp += _host.PeerUp;
        links.PeerDown += (server, _) => _host.PeerDown(server);
        links.Received += Receive;
        foreach (var damage in _store.Damages) LogDamaged(damage.ToString());
        _collector = new ChunkCollector(
            _objects, _arriving, this, options.CollectPause, options.ShortagePause, () => _host.Full is not null, time, log);
        Chunks.NoRoom += _collector.Short;
        Chunks.PeerShort += _ => _collector.PeerShort();
    }

    /// <summary>The exchange of large values with the other agents.</summary>
    public ChunkLinks Chunks { get; }

    /// <summary>Where kernel processes find large values by their hashes.</summary>
    public string ObjectsFolder { get; }

    /// <summary>Fails when the disk did: then the agent must end, since only a recovery can tell what is there.</summary>
    public Task Completion => _host.Completion;

    /// <summary>Opens a replica's log: founds its group, joins it, or goes on where the disk says.</summary>
    /// <param name="order">The order to start it.</param>
    /// <param name="peers">Says who the kernel's replicas are.</param>
    public (KernelLog? Log, OpenFault? Fault) Open(StartReplica order, ReplicaPeers peers)
    {
        var group = GroupOf(order.Kernel, order.Incarnation);
        var self = NumberOf(order.Replica);
        if (TakePlace(group, order.Replica, self) is { } fault) return (null, fault);
        if (order.HasLog && !_store.Groups.Contains(group))
        {
            return (null, new(OpenFaultKind.Damaged, $"server {_server} has lost its copy of the kernel's state (it is not in the data directory any more); "
                + "the other replicas have it"));
        }

        NameLog(group, new(order.Replica, order.Incarnation));
        var log = new KernelLog(self, _time);
        var founders = order.Founders.Count == 0 ? [self] : order.Founders.ToImmutableArray();
        var founding = founders.Contains(self) ? Membership.Of(founders.Select(founder => new MemberId(founder)).ToArray()) : null;
        switch (_host.Open(group, new MemberId(self), member => ServerOf(peers.Of(order.Replica), order.Replica, member), log, founding))
        {
            case OpenOutcome.Opened opened:
                log.Join(opened.Group);
                log.Shortened += dropped =>
                {
                    _arriving.Named(dropped);   // before a collection could ask the log, which named them and does no more
                    _collector.Changed();
                };
                _open[group] = log;
                _closed.TryRemove(group, out _);
                return (log, null);
            case OpenOutcome.Damaged damaged:
                return (null, new(OpenFaultKind.Damaged, $"server {_server}'s copy of the kernel's state is damaged: {damaged.Damage.Found}"));
            case OpenOutcome.Refused { Why: SubmitOutcome.DiskFull full }:
                return (null, new(OpenFaultKind.Passing, KernelLog.NoRoom(full.AskedBytes, full.FreeBytes)));
            case var other:
                return (null, new(OpenFaultKind.Passing, $"the kernel's log cannot be opened on server {_server}: {other}"));
        }
    }

    /// <summary>
    /// A member never takes over another's log. A kernel has one replica on a server, and its numbers only grow: when a
    /// later one is to start here, the earlier one was given up, and its log goes first (decision 11).
    /// </summary>
    private OpenFault? TakePlace(GroupId group, string replica, int self)
    {
        if (_names.Find(group) is { } known && known.Replica != replica)
        {
            if (NumberOf(known.Replica) > self) return new(OpenFaultKind.Final, $"replica {known.Replica} has its place on server {_server}");
            _ = RemoveAsync(group);
        }

        return _ended.ContainsKey(group) ? new(OpenFaultKind.Passing, $"the log that server {_server} had of the kernel before is not removed yet") : null;
    }

    /// <summary>The logs on the disk that are not open.</summary>
    public IEnumerable<LogName> Closed => _names.All.Where(log => !_open.ContainsKey(log.Key)).Select(log => log.Value);

    /// <summary>The kernel, or this incarnation of it, has ended: its log goes.</summary>
    public void Remove(KernelLog log) => _ = RemoveAsync(log.Group.Id);

    /// <summary>The silo says that a log is of no use any more: it goes, unless it is open.</summary>
    public void Drop(LogName name)
    {
        foreach (var (group, known) in _names.All)
        {
            if (known != name || _open.ContainsKey(group) || _ended.ContainsKey(group)) continue;
            LogDropped(name.Replica, name.Incarnation);
            _ = RemoveAsync(group);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _collector.DisposeAsync();
        await _host.DisposeAsync();
        await Chunks.DisposeAsync();
        _store.Dispose();
        _arriving.Dispose();
        _objects.Dispose();
    }

    /// <summary>The Raft group of one incarnation of a kernel: the same at each of its replicas, another after each restart.</summary>
    internal static GroupId GroupOf(string kernel, int incarnation) =>
        new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{kernel}/{incarnation}")).AsSpan(0, 16)));

    private async Task RemoveAsync(GroupId group)
    {
        if (!_ended.TryAdd(group, true)) return;
        if (_open.TryRemove(group, out var open)) ForgetArriving(open);
        for (var outcome = await _host.RemoveAsync(group); outcome is not SubmitOutcome.Accepted; outcome = await _host.RemoveAsync(group))
        {
            LogNotRemoved(group, outcome.ToString());
            await Task.Delay(s_removalPause, _time);   // it is removed when there is room for a record that says so
        }

        _closed.TryRemove(group, out _);
        _names.Remove(group);
        _ended.TryRemove(group, out _);
        _collector.Changed();
    }

    private void NameLog(GroupId group, LogName name)
    {
        try
        {
            _names.Set(group, name);
        }
        catch (IOException e)
        {
            LogNotNamed(name.Replica, e.Message);   // it works all the same, but stays if its kernel ends while we are away
        }
    }

    private string? ServerOf(ImmutableArray<Peer> peers, string self, MemberId member)
    {
        foreach (var peer in peers)
            if (NumberOf(peer.Replica) == member.Value) return peer.Server;
        return NumberOf(self) == member.Value ? _server : null;
    }

    /// <summary>A replica's number in its kernel, which is its member's in the group.</summary>
    internal static int NumberOf(string replica) => int.Parse(replica.AsSpan(replica.LastIndexOf('/') + 1), CultureInfo.InvariantCulture);

    private void Receive(string server, PeerBody body, ReadOnlyMemory<byte> bytes)
    {
        if (body == PeerBody.Raft && _host.Receive(server, bytes) is { } fault) LogPeerFault(server, fault.ToString());
    }

    private sealed class Transport(PeerLinks links) : IPeerTransport
    {
        public bool TrySend(string server, ReadOnlyMemory<byte> frame) => links.TrySend(server, PeerBody.Raft, frame);
    }

    [LoggerMessage(EventId = 3071, Level = LogLevel.Error, Message = "Damaged state on this server: {Damage}")]
    private partial void LogDamaged(string damage);

    [LoggerMessage(EventId = 3072, Level = LogLevel.Warning, Message = "The agent of {Server} sent what is no Raft frame: {Fault}")]
    private partial void LogPeerFault(string server, string fault);

    [LoggerMessage(EventId = 3074, Level = LogLevel.Warning, Message = "The log of group {Group} was not removed: {Outcome}")]
    private partial void LogNotRemoved(GroupId group, string outcome);

    [LoggerMessage(EventId = 3075, Level = LogLevel.Information, Message = "The log of {Replica}, incarnation {Incarnation}, goes: its kernel ended or went elsewhere")]
    private partial void LogDropped(string replica, int incarnation);

    [LoggerMessage(EventId = 3076, Level = LogLevel.Warning, Message = "Whose the log of {Replica} is could not be written down: {Reason}")]
    private partial void LogNotNamed(string replica, string reason);
}
