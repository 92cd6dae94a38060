using System.Threading.Channels;

namespace Notebook.Embedded.Client;

/// <summary>One end of a connection inside one process.</summary>
public sealed class InMemoryGrainTransport : IGrainTransport
{
    private const int MaxMessages = 1024;

    private readonly Channel<byte[]> _in;
    private readonly Channel<byte[]> _out;

    private InMemoryGrainTransport(Channel<byte[]> incoming, Channel<byte[]> outgoing) => (_in, _out) = (incoming, outgoing);

    /// <summary>Makes both ends.</summary>
    public static (InMemoryGrainTransport One, InMemoryGrainTransport Other) CreatePair()
    {
        var (there, back) = (Channel.CreateBounded<byte[]>(MaxMessages), Channel.CreateBounded<byte[]>(MaxMessages));
        return (new(back, there), new(there, back));
    }

    /// <inheritdoc/>
    public bool TrySend(ReadOnlyMemory<byte> message) => _out.Writer.TryWrite(message.ToArray());

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var message in _in.Reader.ReadAllAsync(cancellation)) yield return message;
    }

    /// <summary>Breaks the connection: both ends fail with <see cref="IOException"/>.</summary>
    public void Break()
    {
        var broken = new IOException("the connection broke");
        _in.Writer.TryComplete(broken);
        _out.Writer.TryComplete(broken);
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync()
    {
        _in.Writer.TryComplete();
        _out.Writer.TryComplete();
        return default;
    }
}
