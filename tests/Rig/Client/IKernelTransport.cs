using Notebook.JupyterWire;

namespace Notebook.Rig.Client;

/// <summary>A way to a kernel: the same client code runs over each.</summary>
public interface IKernelTransport : IAsyncDisposable
{
    /// <summary>Sends a message on a channel.</summary>
    ValueTask SendAsync(string channel, JupyterMessage message, CancellationToken stop = default);

    /// <summary>The next message of any channel.</summary>
    /// <exception cref="ConnectionEndedException">The other side ended the connection.</exception>
    ValueTask<ClientMessage> ReceiveAsync(CancellationToken stop = default);
}

/// <summary>The other side ended the connection.</summary>
public sealed class ConnectionEndedException(string message, Exception? inner = null) : IOException(message, inner);
