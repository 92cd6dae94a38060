using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Notebook.Agent.Chunks;
using Notebook.Agent.State;
using Notebook.Agent.Tests.Peers;
using Notebook.Links;
using Notebook.Objects;

namespace Notebook.Agent.Tests.Chunks;

/// <summary>The part of an agent that has to do with chunks: real links, a real store in a folder.</summary>
internal sealed class ChunkAgent : IAsyncDisposable
{
    private readonly ObjectStore _store;
    private readonly ArrivingChunks _arriving;

    private ChunkAgent(PeerAgent peer, string folder, ObjectStoreOptions limits)
    {
        Peer = peer;
        _store = ObjectStore.Open(folder, limits);
        _arriving = new ArrivingChunks(_store, TimeProvider.System);
        Chunks = new ChunkLinks(
            _store, _arriving, peer.Links, new StateOptions().ShortagePause, TimeProvider.System, new Logger<ChunkLinks>(new LoggerFactory([peer.Log])));
    }

    public PeerAgent Peer { get; }

    public ChunkLinks Chunks { get; }

    public static async Task<ChunkAgent> StartAsync(string id, ClusterKey key, string folder, Uri? at = null, ObjectStoreOptions? limits = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, id));
        return new(await PeerAgent.StartAsync(id, key, at: at), Path.Combine(folder, id), limits ?? new ObjectStoreOptions());
    }

    public static async Task MeetAsync(ChunkAgent one, ChunkAgent other)
    {
        one.Peer.Meet(other.Peer);
        await one.Peer.UpAsync(other.Peer.Id);
        await other.Peer.UpAsync(one.Peer.Id);
    }

    public bool HoldsAll(IEnumerable<ChunkRef> chunks) => chunks.All(_store.Holds);

    public async Task<ImmutableArray<ChunkRef>> PutAsync(IEnumerable<VerifiedChunk> chunks)
    {
        var put = ImmutableArray.CreateBuilder<ChunkRef>();
        foreach (var chunk in chunks)
        {
            Assert.IsType<PutChunkOutcome.Stored>(await _arriving.PutAsync(chunk));
            put.Add(chunk.Ref);
        }

        Chunks.Kept(put);
        return put.ToImmutable();
    }

    /// <summary>Waits until chunks come without asking anybody.</summary>
    public async Task ArrivedAsync(IReadOnlyCollection<ChunkRef> chunks) =>
        Assert.Empty(await FetchAsync(["nobody"], chunks, isPatient: true).Within($"{chunks.Count} chunks arrive at {Peer.Id}"));

    public Task<IReadOnlyCollection<ChunkRef>> FetchAsync(string[] from, IReadOnlyCollection<ChunkRef> chunks, bool isPatient, Task? giveUp = null) =>
        Chunks.FetchAsync(() => from, chunks, isPatient, giveUp ?? new TaskCompletionSource().Task);

    public async ValueTask DisposeAsync()
    {
        await Peer.DisposeAsync();
        await Chunks.DisposeAsync();
        _store.Dispose();
    }
}
