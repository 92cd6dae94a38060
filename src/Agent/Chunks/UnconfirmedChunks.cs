using Notebook.Objects;

namespace Notebook.Agent.Chunks;

/// <summary>
/// The large values of one kernel that too few servers are known to hold yet, in the order in which they were offered. No
/// clock, no IO, one caller at a time.
/// </summary>
internal sealed class UnconfirmedChunks
{
    private readonly Queue<ChunkRef> _chunks = [];

    /// <summary>Their bytes: what would be lost with this server, at most.</summary>
    public long Bytes { get; private set; }

    /// <summary>These were offered.</summary>
    public void Add(IEnumerable<ChunkRef> chunks)
    {
        foreach (var chunk in chunks)
        {
            _chunks.Enqueue(chunk);
            Bytes += chunk.Length;
        }
    }

    /// <summary>Takes out what is safe now. Peers store about in the order of the offers, so the first that is not safe ends the look.</summary>
    public void Confirm(Func<ChunkRef, bool> isSafe)
    {
        while (_chunks.TryPeek(out var chunk) && isSafe(chunk)) Bytes -= _chunks.Dequeue().Length;
    }

    /// <summary>The log names some no more: their values were deleted or changed, and there is nothing left to lose.</summary>
    /// <param name="dropped">Those.</param>
    public void Drop(IReadOnlySet<ChunkRef> dropped)
    {
        for (var left = _chunks.Count; left > 0; left--)
        {
            var chunk = _chunks.Dequeue();
            if (dropped.Contains(chunk)) Bytes -= chunk.Length;
            else _chunks.Enqueue(chunk);
        }
    }

    /// <summary>Another replica answers for the kernel's state.</summary>
    public void Clear()
    {
        _chunks.Clear();
        Bytes = 0;
    }
}
