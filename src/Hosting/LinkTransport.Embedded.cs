#if !ORLEANS_HOST
using Notebook.Embedded.Client;
using Notebook.Links;

namespace Notebook.Hosting;

/// <summary>Carries the messages of the embedded host's grain client over a link of purpose <see cref="LinkPurpose.Grains"/>.</summary>
public sealed class LinkTransport(Link link) : IGrainTransport
{
    /// <inheritdoc/>
    public bool TrySend(ReadOnlyMemory<byte> message) => link.TrySend(message);

    /// <inheritdoc/>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation) => link.ReadAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => link.DisposeAsync();
}
#endif
