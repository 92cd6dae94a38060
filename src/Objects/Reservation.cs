namespace Notebook.Objects;

/// <summary>Room on disk for what one put is about to write.</summary>
internal sealed class Reservation(ChunkShelf shelf, long bytes, IReadOnlyList<ChunkRef> absent) : IDisposable
{
    /// <summary>What is left of it. Guarded by the shelf's lock.</summary>
    public long Left { get; set; } = bytes;

    /// <summary>The chunks to write.</summary>
    public IReadOnlyList<ChunkRef> Absent => absent;

    public void Dispose() => shelf.Release(this);
}
