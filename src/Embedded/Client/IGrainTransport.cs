namespace Notebook.Embedded.Client;

/// <summary>
/// A connection between a grain client and a silo that carries whole messages, in order, both ways. Who may connect, and
/// how large a message may be, is the transport's business.
/// </summary>
public interface IGrainTransport : IAsyncDisposable
{
    /// <summary>Sends one message without waiting, from any thread; the memory is free when it returns.</summary>
    /// <returns>False when the other side does not keep up, or is gone: nothing was sent.</returns>
    bool TrySend(ReadOnlyMemory<byte> message);

    /// <summary>
    /// The messages of the other side, until it closes; a broken connection throws. Called once. A message's memory is
    /// valid until the next one is asked for.
    /// </summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation);
}
