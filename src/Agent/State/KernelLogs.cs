using System.Buffers.Binary;
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
using Notebook.Raft.Storage.Disks;

namespace Notebook.Agent.State;

/// <summary>
/// The kernels' logs on this server: one store and one Raft runtime for all of them, on the links to the other agents, and
/// the store of large values beside it. Everything is in <c>state/AGENT/</c> of the data directory.
/// </summary>
internal sealed partial class KernelLogs : IAsyncDisposable
{
    private const string Cluster = "notebook";
    private readonly LogStore _store;
    private readonly RaftHost _host;
    private readonly ObjectStore _objects;
    private readonly PinScope _pins;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _server;

    /// <summary>Opens what the server has.</summary>
    /// <exception cref="UserException">It cannot be opened; the message says what to do.</exception>
    public KernelLogs(ProcessSettings settings, PeerLinks links, TimeProvider time, ILogger log)
    {
        (_server, _time, _log) = (settings.Self.Id, time, log);
        var folder = Path.Combine(settings.Data.State, settings.Self.Id);
        try
        {
            var objects = Path.Combine(folder, "objects");
            Directory.CreateDirectory(objects);
            ObjectsFolder = Path.Combine(objects, "chunks");
            _store = LogStore.Open(new FolderDisk(Path.Combine(folder, "raft")), new StoreIdentity(Cluster, _server));
            _objects = ObjectStore.Open(objects, new ObjectStoreOptions());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreRefusedException)
        {
            throw new UserException($"the kernels' state in {folder} cannot be opened: {e.Message}", ExitCodes.DataDirectory);
        }

        _pins = _objects.OpenScope();
        Chunks = new ChunkLinks(_objects, _pins, links, time, log);
        var seed = BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(_server)));
        _host = new RaftHost(_store, new Transport(links), time, new RaftHostOptions(), seed, log);
        links.PeerUp += _host.PeerUp;
        links.PeerDown += (server, _) => _host.PeerDown(server);
        links.Received += Receive;
        foreach (var damage in _store.Damages) LogDamaged(damage.ToString());
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
    public (KernelLog? Log, string? Fault) Open(StartReplica order, ReplicaPeers peers)
    {
        var group = GroupOf(order.Kernel, order.Incarnation);
        var self = NumberOf(order.Replica);
        var founders = order.Founders.Count == 0 ? [self] : order.Founders.ToImmutableArray();
        if (order.HasLog && !_store.Groups.Contains(group))
        {
            return (null, $"server {_server} has lost its copy of the kernel's state (it is not in the data directory any more); "
                + "the other replicas have it");
        }

        var log = new KernelLog(self, _time);
        var founding = founders.Contains(self) ? Membership.Of(founders.Select(founder => new MemberId(founder)).ToArray()) : null;
        switch (_host.Open(group, new MemberId(self), member => ServerOf(peers.Of(order.Replica), order.Replica, member), log, founding))
        {
            case OpenOutcome.Opened opened:
                log.Join(opened.Group);
                return (log, null);
            case OpenOutcome.Damaged damaged:
                return (null, $"server {_server}'s copy of the kernel's state is damaged: {damaged.Damage}");
            case var other:
                return (null, $"the kernel's log cannot be opened on server {_server}: {other}");
        }
    }

    /// <summary>The kernel, or this incarnation of it, has ended: its log goes.</summary>
    public void Remove(KernelLog log) => _ = RemoveAsync(log.Group.Id);

    /// <summary>Keeps large values that a kernel process sent.</summary>
    public async Task KeepAsync(ImmutableArray<VerifiedChunk> blobs)
    {
        foreach (var blob in blobs)
        {
            if (await _objects.PutChunkAsync(blob, _pins, CancellationToken.None) is PutChunkOutcome.Full full) LogNoRoom(blob.Ref.Length, full.ToString());
        }

        Chunks.Kept(blobs.Select(blob => blob.Ref).Where(_objects.Holds));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await Chunks.DisposeAsync();
        _store.Dispose();
        _pins.Dispose();
        _objects.Dispose();
    }

    /// <summary>The Raft group of one incarnation of a kernel: the same at each of its replicas, another after each restart.</summary>
    internal static GroupId GroupOf(string kernel, int incarnation) =>
        new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{kernel}/{incarnation}")).AsSpan(0, 16)));

    private async Task RemoveAsync(GroupId group)
    {
        if (await _host.RemoveAsync(group) is not SubmitOutcome.Accepted and var refused) LogNotRemoved(group, refused.ToString());
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

    [LoggerMessage(EventId = 3073, Level = LogLevel.Error, Message = "No room for {Bytes} bytes of a kernel's state: {Outcome}")]
    private partial void LogNoRoom(int bytes, string outcome);

    [LoggerMessage(EventId = 3074, Level = LogLevel.Warning, Message = "The log of group {Group} was not removed: {Outcome}")]
    private partial void LogNotRemoved(GroupId group, string outcome);
}
