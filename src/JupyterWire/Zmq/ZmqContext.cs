namespace Notebook.JupyterWire.Zmq;

/// <summary>Owns libzmq's threads. One for a process is enough.</summary>
public sealed class ZmqContext : IDisposable
{
    private nint _context;

    /// <summary>Starts libzmq.</summary>
    /// <param name="ioThreads">Its threads for sending and receiving.</param>
    /// <param name="maxSockets">How many sockets there may be at once.</param>
    /// <exception cref="DllNotFoundException">libzmq is not installed; the message says what to do.</exception>
    public ZmqContext(int ioThreads = 1, int maxSockets = 60_000) => _context = LibZmq.NewContext(ioThreads, maxSockets);

    /// <summary>libzmq's version.</summary>
    public static string LibraryVersion => LibZmq.Version();

    internal nint Handle => _context != 0 ? _context : throw new ObjectDisposedException(nameof(ZmqContext));

    /// <summary>Ends libzmq; waits until every socket is closed.</summary>
    public void Dispose()
    {
        var context = Interlocked.Exchange(ref _context, 0);
        if (context != 0) LibZmq.Terminate(context);
    }
}
