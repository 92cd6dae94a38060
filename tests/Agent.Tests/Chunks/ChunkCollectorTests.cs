using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Agent.Chunks;
using Notebook.Objects;
using Notebook.TestKit;

namespace Notebook.Agent.Tests.Chunks;

public sealed class ChunkCollectorTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notebook-collect-");
    private readonly ManualTimeProvider _time = new();
    private readonly Owner _owner = new();
    private readonly ObjectStore _store;
    private readonly ArrivingChunks _arriving;
    private readonly ChunkCollector _collector;

    public ChunkCollectorTests()
    {
        _store = ObjectStore.Open(_folder.FullName, new ObjectStoreOptions { MaxDiskBytes = 1000, MinFreeDiskBytes = 0 });
        _arriving = new ArrivingChunks(_store, _time);
        _collector = new ChunkCollector(
            _store, _arriving, _owner, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), () => _owner.EntriesAreLate, _time, NullLogger.Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _collector.DisposeAsync();
        _arriving.Dispose();
        _store.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_comes_is_spared_until_a_log_has_named_it_once_and_does_so_no_more()
    {
        var chunk = await PutAsync(1);
        await CollectAsync();
        Assert.True(_store.Holds(chunk));
        _owner.Live = [chunk];
        await CollectAsync();
        Assert.True(_store.Holds(chunk));
        _owner.Live = [];
        await CollectAsync();
        Assert.False(_store.Holds(chunk));
    }

    [Fact]
    public async Task What_no_log_ever_names_goes_after_a_while_and_not_while_entries_are_late()
    {
        var chunk = await PutAsync(1);
        _owner.EntriesAreLate = true;
        for (var i = 0; i < 5; i++) _time.Advance(ArrivingChunks.Grace);
        await CollectAsync();
        Assert.True(_store.Holds(chunk));
        Assert.True(_arriving.Age());
        Assert.False(_arriving.Age());
        await CollectAsync();
        Assert.True(_store.Holds(chunk));
        _time.Advance(ArrivingChunks.Grace);
        Assert.True(_arriving.Age());
        await CollectAsync();
        Assert.False(_store.Holds(chunk));
    }

    [Fact]
    public async Task A_peer_that_was_told_that_a_chunk_is_here_may_rely_on_it()
    {
        var chunk = await PutAsync(1);
        _owner.Live = [chunk];
        await CollectAsync();
        _owner.Live = [];
        Assert.True(_arriving.Holds(chunk));
        await CollectAsync();
        Assert.True(_store.Holds(chunk));
    }

    [Fact]
    public async Task What_comes_while_a_collection_runs_stays()
    {
        _owner.Live = [await PutAsync(1)];
        ChunkRef late = default;
        _owner.Asked = () => late = PutAsync(2).GetAwaiter().GetResult();
        await CollectAsync();
        _owner.Asked = () => { };
        await CollectAsync();
        Assert.True(_store.Holds(late));
    }

    [Fact]
    public async Task When_room_is_short_the_owner_is_asked_to_let_go_until_there_is_room()
    {
        ChunkRef[] old = [await PutAsync(1, 600)];
        _owner.Live = old;
        var full = Assert.IsType<PutChunkOutcome.Full>(await _arriving.PutAsync(VerifiedChunk.Of(new byte[500])));
        _collector.Short(full.Shortage);
        Assert.Equal(new DiskShortage(500, 400), _collector.Shortage);
        var asked = new TaskCompletionSource();
        _owner.LettingGo = () =>
        {
            _owner.Live = [];
            asked.TrySetResult();
        };
        await CollectAsync();   // names what is live, so that nothing else protects it
        _time.Advance(TimeSpan.FromSeconds(1));
        await asked.Task.Within("the owner is asked to let go");
        await CollectAsync();
        Assert.False(_store.Holds(old[0]));
        Assert.Null(_collector.Shortage);
        Assert.IsType<PutChunkOutcome.Stored>(await _arriving.PutAsync(VerifiedChunk.Of(new byte[500])));
    }

    [Fact]
    public async Task While_a_peer_has_no_room_what_becomes_useless_goes_without_a_pause()
    {
        var chunk = await PutAsync(1);
        _owner.Live = [chunk];
        await CollectAsync();
        _owner.Live = [];
        var collected = new TaskCompletionSource();
        _owner.Asked = () => collected.TrySetResult();
        _collector.Changed();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(collected.Task.IsCompleted);
        _collector.PeerShort();
        _time.Advance(TimeSpan.FromSeconds(1));
        await collected.Task.Within("a collection before the pause is over");
    }

    private Task CollectAsync() => _collector.CollectAsync(CancellationToken.None).Within("a collection");

    private async Task<ChunkRef> PutAsync(int seed, int length = 100)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        var chunk = VerifiedChunk.Of(bytes);
        Assert.IsType<PutChunkOutcome.Stored>(await _arriving.PutAsync(chunk));
        return chunk.Ref;
    }

    private sealed class Owner : IChunkOwner
    {
        public ChunkRef[] Live { get; set; } = [];

        public Action Asked { get; set; } = () => { };

        public Action LettingGo { get; set; } = () => { };

        public bool EntriesAreLate { get; set; }

        public bool HoldsOldChunks => false;

        public string? NameChunks(Action<IReadOnlyCollection<ChunkRef>> name)
        {
            name(Live);
            Asked();
            return null;
        }

        public void LetGo() => LettingGo();
    }
}
