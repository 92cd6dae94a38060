namespace Notebook.Objects;

/// <summary>
/// Protects chunks that no log entry or snapshot names yet from collection. Open one, put values or fetch chunks with it,
/// make the log refer to them, then dispose of it. It pins names: a pinned chunk need not be there yet.
/// </summary>
public sealed class PinScope : IDisposable
{
    private readonly ChunkShelf _shelf;

    internal PinScope(ChunkShelf shelf) => _shelf = shelf;

    /// <summary>The names it pins. Guarded by the shelf's lock; null after the end.</summary>
    internal HashSet<ObjectHash>? Names { get; set; } = [];

    /// <summary>Pins chunks by name, whether they are there or not: none that is there will go, none that comes either.</summary>
    public void Pin(IEnumerable<ChunkRef> chunks) => _shelf.Pin(this, chunks);

    /// <summary>Pins a chunk if it is here; false when it is not.</summary>
    public bool TryPin(ChunkRef chunk) => _shelf.TryPin(this, chunk);

    /// <summary>Ends the protection of some chunks, which something else protects from now on.</summary>
    public void Unpin(IEnumerable<ChunkRef> chunks) => _shelf.Unpin(this, chunks);

    /// <summary>Ends the protection. A collection that is under way spares what was pinned all the same.</summary>
    public void Dispose() => _shelf.Unpin(this);
}
