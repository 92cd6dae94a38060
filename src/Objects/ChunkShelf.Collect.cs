namespace Notebook.Objects;

/// <remarks>
/// Collection is mark and sweep, with the live values named by who owns them, because counts of references kept here would
/// have to survive crashes in step with every log. A chunk goes if no live value has it, nobody pins it, and it was last
/// touched before the epoch of the collection. The epoch begins before the owner is asked what is live: whatever is put,
/// found again or unpinned after that is spared, so that an answer that grew old meanwhile does no harm.
/// </remarks>
internal sealed partial class ChunkShelf
{
    private const int MarksAtOnce = 1024;   // puts of running cells get the lock in between

    internal void Pin(PinScope scope, IEnumerable<ChunkRef> chunks)
    {
        lock (_gate)
        {
            foreach (var chunk in chunks) Pin(scope, chunk.Hash);
        }
    }

    /// <summary>Pins a chunk if it is here.</summary>
    internal bool TryPin(PinScope scope, ChunkRef chunk)
    {
        lock (_gate)
        {
            if (!IsThere(chunk, out _)) return false;
            Pin(scope, chunk.Hash);
            return true;
        }
    }

    internal void Unpin(PinScope scope)
    {
        lock (_gate)
        {
            foreach (var hash in scope.Names ?? []) Unpin(hash);
            scope.Names = null;
        }
    }

    internal void Unpin(PinScope scope, IEnumerable<ChunkRef> chunks)
    {
        foreach (var batch in chunks.Chunk(MarksAtOnce))
        {
            lock (_gate)
            {
                foreach (var chunk in batch)
                    if (scope.Names is { } names && names.Remove(chunk.Hash)) Unpin(chunk.Hash);
            }
        }
    }

    /// <summary>Begins a collection; what is touched from now on survives it.</summary>
    internal long BeginEpoch()
    {
        lock (_gate) return ++_epoch;
    }

    /// <summary>These are live: the collection that runs, if one does, spares them.</summary>
    internal void Mark(IEnumerable<ObjectHash> hashes)
    {
        foreach (var batch in hashes.Chunk(MarksAtOnce))
        {
            lock (_gate)
            {
                foreach (var hash in batch)
                    if (_chunks.TryGetValue(hash, out var shelved)) shelved.Touched = _epoch;
            }
        }
    }

    /// <summary>What a collection may delete, as it seems.</summary>
    internal IReadOnlyList<ObjectHash> Untouched(long epoch)
    {
        lock (_gate) return [.. _chunks.Where(chunk => chunk.Value.Touched < epoch && !_pins.ContainsKey(chunk.Key)).Select(chunk => chunk.Key)];
    }

    /// <summary>Deletes a chunk unless it must stay. Null if it stays, else its length.</summary>
    internal int? Sweep(ObjectHash hash, long epoch)
    {
        lock (_gate)
        {
            if (!_chunks.TryGetValue(hash, out var shelved)) return null;
            if (shelved.Touched >= epoch || _pins.ContainsKey(hash)) return null;
            Delete(hash, shelved);
            return shelved.Length;
        }
    }

    private void Unpin(ObjectHash hash)
    {
        if (--_pins[hash] == 0) _pins.Remove(hash);
        if (_chunks.TryGetValue(hash, out var shelved)) shelved.Touched = _epoch;
    }

    private void Pin(PinScope scope, ObjectHash hash)
    {
        ObjectDisposedException.ThrowIf(scope.Names is null, scope);
        if (scope.Names.Add(hash)) _pins[hash] = _pins.GetValueOrDefault(hash) + 1;
    }
}
