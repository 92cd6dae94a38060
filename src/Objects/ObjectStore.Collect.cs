using System.Collections.Immutable;

namespace Notebook.Objects;

public sealed partial class ObjectStore
{
    /// <summary>
    /// Deletes all chunks that no live value has and no scope pins. The owner is asked which manifests are live only after
    /// the collection has begun, and answers with all that its logs and snapshots name at that moment or later. So the order
    /// for a new value is: put it, have it named, then end the scope. One collection runs at a time.
    /// </summary>
    public async Task<CollectOutcome> CollectAsync(
        Func<CancellationToken, ValueTask<IReadOnlySet<ChunkRef>>> liveManifests, CancellationToken stop)
    {
        await _collecting.WaitAsync(stop);
        try
        {
            var epoch = _shelf.BeginEpoch();
            var (marked, absent) = await MarkAsync(await liveManifests(stop), stop);
            return absent.IsEmpty ? await SweepAsync(marked, epoch, stop) : new CollectOutcome.Blocked(absent);
        }
        finally
        {
            _collecting.Release();
        }
    }

    private async Task<(HashSet<ObjectHash> Marked, ImmutableArray<ChunkRef> Absent)> MarkAsync(
        IReadOnlySet<ChunkRef> live, CancellationToken stop)
    {
        var (marked, absent) = (new HashSet<ObjectHash>(), ImmutableArray.CreateBuilder<ChunkRef>());
        foreach (var id in live)
        {
            if (await ReadManifestAsync(id, stop) is not { } manifest)
            {
                absent.Add(id);
                continue;
            }
            marked.Add(id.Hash);
            foreach (var chunk in manifest.Chunks) marked.Add(chunk.Hash);
        }
        return (marked, absent.ToImmutable());
    }

    private async Task<CollectOutcome> SweepAsync(HashSet<ObjectHash> marked, long epoch, CancellationToken stop)
    {
        var (chunks, bytes) = (0, 0L);
        var candidates = _shelf.All.Where(chunk => !marked.Contains(chunk.Hash)).ToArray();
        await _lanes.ForAsync(candidates.Length, i =>
        {
            if (_shelf.Sweep(candidates[i].Hash, epoch) is not { } length) return;
            _memory.Remove(candidates[i].Hash);
            Interlocked.Increment(ref chunks);
            Interlocked.Add(ref bytes, length);
        }, stop);
        return new CollectOutcome.Collected(chunks, bytes);
    }
}
