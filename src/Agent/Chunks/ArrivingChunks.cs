using Notebook.Objects;

namespace Notebook.Agent.Chunks;

/// <summary>
/// Chunks that came to this server before any log here names them: a cell's, before its change is committed; a peer's,
/// which offers them before it sends the entry. Collection spares them until a log has named them once, and those that no
/// log ever names for a while. What is found at the start counts as just come. May be called from any thread.
/// </summary>
internal sealed class ArrivingChunks : IDisposable
{
    /// <summary>How long a chunk is spared at least; the largest value may take that long to come whole, and its entry follows it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly ObjectStore _store;
    private readonly TimeProvider _time;
    private PinScope _new;
    private PinScope _older;
    private long _since;

    /// <summary>Begins with all that the store holds.</summary>
    public ArrivingChunks(ObjectStore store, TimeProvider time)
    {
        (_store, _time, _since) = (store, time, time.GetTimestamp());
        (_new, _older) = (store.OpenScope(), store.OpenScope());
        _new.Pin(store.Chunks);
    }

    /// <summary>Stores chunks, all of them or none.</summary>
    public async Task<PutChunkOutcome> PutAsync(params IReadOnlyList<VerifiedChunk> chunks)
    {
        Task<PutChunkOutcome> putting;
        lock (_lock) putting = _store.PutChunksAsync(chunks, _new, CancellationToken.None);   // pinned before it first waits
        var outcome = await putting;
        if (outcome is PutChunkOutcome.Full) Named([.. chunks.Select(chunk => chunk.Ref)]);   // nobody is to come back for what is not here
        return outcome;
    }

    /// <summary>Whether the store holds a chunk that a peer speaks of: it is told so, and relies on it.</summary>
    public bool Holds(ChunkRef chunk)
    {
        lock (_lock) return _new.TryPin(chunk);
    }

    /// <summary>A log names these: it protects them from now on.</summary>
    public void Named(IReadOnlyCollection<ChunkRef> chunks)
    {
        lock (_lock)
        {
            _new.Unpin(chunks);
            _older.Unpin(chunks);
        }
    }

    /// <summary>Gives up what was not named for long enough. Not while the log takes no entries: then they are late.</summary>
    /// <returns>Whether there may be such.</returns>
    public bool Age()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_since) < Grace) return false;
            _older.Dispose();
            (_older, _new, _since) = (_new, _store.OpenScope(), _time.GetTimestamp());
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _new.Dispose();
            _older.Dispose();
        }
    }
}
