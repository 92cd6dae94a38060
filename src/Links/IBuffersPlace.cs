namespace Notebook.Links;

/// <summary>
/// Where the buffers of one large message are put while they arrive, for who wants them elsewhere than in arrays. They are
/// filled one after another by one thread at a time. Disposed when the rest of them will not come.
/// </summary>
public interface IBuffersPlace : IDisposable
{
    /// <summary>Where the next bytes are to be read into; not empty while any are missing.</summary>
    Memory<byte> Room { get; }

    /// <summary>So many bytes have come into <see cref="Room"/>.</summary>
    /// <exception cref="IOException">There is no memory for them.</exception>
    void Advance(int count);

    /// <summary>The buffers, when all have come.</summary>
    /// <exception cref="IOException">There is no memory for them.</exception>
    IReadOnlyList<ReadOnlyMemory<byte>> End();
}
