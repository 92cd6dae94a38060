using System.Collections.Concurrent;
using System.Collections.Immutable;
using Notebook.Agent.Chunks;
using Notebook.Links.Protocol;
using Notebook.Objects;
using Notebook.Raft;
using Notebook.Raft.Storage;

namespace Notebook.Agent.State;

/// <content>The logs are what refers to large values: of those that are open it is known, the others are read once.</content>
internal sealed partial class KernelLogs
{
    private const int MaxDamagesTold = 8;
    private readonly ConcurrentDictionary<GroupId, ImmutableArray<ChunkRef>> _closed = new();   // what logs that are not open name

    /// <summary>Keeps large values that a kernel process sent. When there is no room, what nothing refers to is deleted first.</summary>
    /// <returns>Null when all are kept; else none is, for lack of room.</returns>
    public async Task<DiskShortage?> KeepAsync(ImmutableArray<VerifiedChunk> blobs)
    {
        return await KeepAsync(blobs, () => _arriving.PutAsync(blobs));
    }

    /// <summary>
    /// Keeps the large values of a snapshot that a kernel process gave. They are protected until the scope ends: by then the
    /// log names them, or the snapshot came to nothing, and what only it names is useless at once.
    /// </summary>
    /// <returns>Null when all are kept; else none is, for lack of room.</returns>
    public async Task<DiskShortage?> KeepSnapshotAsync(ImmutableArray<VerifiedChunk> blobs, PinScope pins)
    {
        return await KeepAsync(blobs, () => _objects.PutChunksAsync(blobs, pins, CancellationToken.None));
    }

    private async Task<DiskShortage?> KeepAsync(ImmutableArray<VerifiedChunk> blobs, Func<Task<PutChunkOutcome>> put)
    {
        if (blobs.IsEmpty) return null;
        var outcome = await put();
        if (outcome is PutChunkOutcome.Full { Shortage: var first })
        {
            _collector.Short(first);
            await _collector.CollectAsync(CancellationToken.None);
            outcome = await put();
        }

        Chunks.Kept(blobs.Select(blob => blob.Ref).Where(_objects.Holds));
        return (outcome as PutChunkOutcome.Full)?.Shortage;
    }

    /// <summary>A scope that protects large values until it ends.</summary>
    public PinScope OpenScope() => _objects.OpenScope();

    /// <summary>Protects large values that a process is being given; end it when the process has them.</summary>
    public PinScope Pin(ImmutableArray<ChunkRef> blobs)
    {
        var pins = _objects.OpenScope();
        pins.Pin(blobs);
        return pins;
    }

    /// <summary>Deletes the large values to which nothing refers at the moment.</summary>
    public Task CollectAsync() => _collector.CollectAsync(CancellationToken.None);

    /// <summary>Why the log takes no writes at the moment, for the user; null when it does.</summary>
    public string? LogShortage => _host.Full is { } full ? KernelLog.NoRoom(full.AskedBytes, full.FreeBytes) : null;

    /// <summary>What it holds, and what is wrong with it.</summary>
    public void Describe(Load load)
    {
        var status = _objects.Status;
        (load.ObjectsBytes, load.ObjectsFreeBytes) = (status.DiskBytes, status.FreeBytes);
        if (_collector.Shortage is { } shortage) load.StorageFaults.Add(shortage.ToString());
        if (LogShortage is { } full) load.StorageFaults.Add(full);
        load.StorageFaults.Add(_store.Damages.Take(MaxDamagesTold).Select(damage => $"the log of {NameOf(damage.Group)} is damaged: {damage.Found}"));
    }

    /// <inheritdoc/>
    bool IChunkOwner.HoldsOldChunks => _open.Values.Any(log => log.HoldsOldChunks);

    /// <inheritdoc/>
    string? IChunkOwner.NameChunks(Action<IReadOnlyCollection<ChunkRef>> name)
    {
        foreach (var group in _store.Groups.ToArray())
        {
            try
            {
                if (_open.TryGetValue(group, out var log)) log.NameChunks(name);
                else if (_closed.TryGetValue(group, out var known)) name(known);
                else if (_store.Find(group) is { } stored) name(ReadClosed(group, stored));
            }
            catch (Exception e) when (e is LogCorruptedException or InvalidDataException)
            {
                return $"the log of {NameOf(group)} cannot be read: {e.Message}";
            }
        }

        return _store.Damages is [var damage, ..]
            ? $"the log of {NameOf(damage.Group)} is damaged, and it is not known what it refers to"
            : null;
    }

    /// <inheritdoc/>
    void IChunkOwner.LetGo()
    {
        foreach (var log in _open.Values) log.LetGo();
    }

    /// <summary>What came for a log that is about to go was named by it, and is spared for its sake no more.</summary>
    private void ForgetArriving(KernelLog log)
    {
        try
        {
            log.NameChunks(_arriving.Named);
        }
        catch (LogCorruptedException)
        {
            // Then what came last goes when it is old.
        }
    }

    private string NameOf(GroupId group) => _names.Find(group)?.Replica ?? $"group {group}";

    private ImmutableArray<ChunkRef> ReadClosed(GroupId group, IGroupLog stored)
    {
        var chunks = new HashSet<ChunkRef>();
        StoredReferences.Name(stored, 0, chunks.UnionWith);
        ImmutableArray<ChunkRef> all = [.. chunks];
        _closed[group] = all;
        if (_open.ContainsKey(group)) _closed.TryRemove(group, out _);   // it was opened meanwhile
        return all;
    }
}
