using Notebook.Objects;

namespace Notebook.Agent.Chunks;

/// <summary>
/// A cell's reply waits until enough servers hold its large values, as long as they go on arriving there. No clock, no IO,
/// one caller at a time.
/// </summary>
/// <param name="chunks">The values' chunks, in the order in which they were offered.</param>
/// <param name="limit">For how long not one of them may arrive before the wait is given up.</param>
/// <param name="now">The time, from any start.</param>
internal sealed class ChunkWait(IReadOnlyCollection<ChunkRef> chunks, TimeSpan limit, TimeSpan now)
{
    private readonly UnconfirmedChunks _left = Queue(chunks);
    private TimeSpan _progress = now;

    /// <summary>Bytes that too few servers are known to hold.</summary>
    public long Bytes => _left.Bytes;

    /// <summary>Looks again.</summary>
    /// <param name="isSafe">Whether enough servers hold a chunk.</param>
    /// <param name="at">The time.</param>
    /// <returns>Whether to wait on.</returns>
    public bool Look(Func<ChunkRef, bool> isSafe, TimeSpan at)
    {
        var before = _left.Bytes;
        _left.Confirm(isSafe);
        if (_left.Bytes < before) _progress = at;
        return _left.Bytes > 0 && at - _progress < limit;
    }

    private static UnconfirmedChunks Queue(IEnumerable<ChunkRef> chunks)
    {
        var queue = new UnconfirmedChunks();
        queue.Add(chunks);
        return queue;
    }
}
