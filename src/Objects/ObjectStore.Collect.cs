using System.Collections.Immutable;

namespace Notebook.Objects;

public sealed partial class ObjectStore
{
    /// <summary>
    /// Deletes all chunks that no live value has and no scope pins. The owner is asked which manifests are live only after
    /// the collection has begun, and answers with all that its logs and snapshots name at that moment or later. So the order
    /// for a new value is: put it, have it named, then end the scope. One collection runs at a time.
    /// </summary>
    public Task<CollectOutcome> CollectAsync(
        Func<CancellationToken, ValueTask<IReadOnlySet<ChunkRef>>> liveManifests, CancellationToken stop) =>
        CollectAsync(async () => await MarkAsync(await liveManifests(stop), stop), stop);

    /// <summary>
    /// The same for an owner that refers to chunks without manifests. It names them in any order and any number of times;
    /// what it names is marked in the store's own index, so that a collection takes no memory for it.
    /// </summary>
    /// <param name="markLive">
    /// Is called once the collection has begun, and calls what it is given with all that is live at that moment or later. It
    /// returns null when it has named all, else why it cannot: then nothing is deleted.
    /// </param>
    /// <param name="stop">Ends it.</param>
    public Task<CollectOutcome> CollectAsync(Func<Action<IReadOnlyCollection<ChunkRef>>, string?> markLive, CancellationToken stop) =>
        CollectAsync(() => Task.FromResult<CollectOutcome?>(markLive(Mark) is { } reason ? new CollectOutcome.Incomplete(reason) : null), stop);

    private async Task<CollectOutcome> CollectAsync(Func<Task<CollectOutcome?>> mark, CancellationToken stop)
    {
        await _collecting.WaitAsync(stop);
        try
        {
            var epoch = _shelf.BeginEpoch();
            return await mark() ?? await SweepAsync(epoch, stop);
        }
        finally
        {
            _collecting.Release();
        }
    }

    private void Mark(IReadOnlyCollection<ChunkRef> chunks) => _shelf.Mark(chunks.Select(chunk => chunk.Hash));

    private async Task<CollectOutcome?> MarkAsync(IReadOnlySet<ChunkRef> live, CancellationToken stop)
    {
        var absent = ImmutableArray.CreateBuilder<ChunkRef>();
        foreach (var id in live)
        {
            if (await ReadManifestAsync(id, stop) is not { } manifest) absent.Add(id);
            else Mark([id, .. manifest.Chunks]);
        }
        return absent.Count > 0 ? new CollectOutcome.Blocked(absent.ToImmutable()) : null;
    }

    private async Task<CollectOutcome> SweepAsync(long epoch, CancellationToken stop)
    {
        var (chunks, bytes) = (0, 0L);
        var candidates = _shelf.Untouched(epoch);
        await _lanes.ForAsync(candidates.Count, i =>
        {
            if (_shelf.Sweep(candidates[i], epoch) is not { } length) return;
            _memory.Remove(candidates[i]);
            Interlocked.Increment(ref chunks);
            Interlocked.Add(ref bytes, length);
        }, stop);
        return new CollectOutcome.Collected(chunks, bytes);
    }
}
