namespace Notebook.JupyterWire.Zmq;

/// <summary>Waits for any of a fixed set of sockets.</summary>
/// <param name="sockets">The sockets; they are named by their places here.</param>
public sealed class ZmqPoller(params ZmqSocket[] sockets)
{
    private const short ReadyToRead = 1;
    private const short ReadyToWrite = 2;
    private readonly LibZmq.PollItem[] _items =
        [.. sockets.Select(s => new LibZmq.PollItem { Socket = s.Handle, Events = ReadyToRead })];

    /// <summary>Whether to wake when a socket can be written, too.</summary>
    public void WantWrite(int socket, bool wanted) => Want(socket, ReadyToWrite, wanted);

    /// <summary>Whether to wake when a socket can be read, as is so from the start.</summary>
    public void WantRead(int socket, bool wanted) => Want(socket, ReadyToRead, wanted);

    /// <summary>Waits until a socket is ready.</summary>
    /// <param name="timeout">For how long; null for ever.</param>
    /// <returns>False when the time was over, or a signal came.</returns>
    public bool Wait(TimeSpan? timeout) =>
        LibZmq.Poll(_items, timeout is { } time ? (int)Math.Ceiling(time.TotalMilliseconds) : -1) > 0;

    /// <summary>Whether a socket had something to read at the end of the last wait.</summary>
    public bool CanRead(int socket) => (_items[socket].Ready & ReadyToRead) != 0;

    /// <summary>Whether a socket could be written at the end of the last wait.</summary>
    public bool CanWrite(int socket) => (_items[socket].Ready & ReadyToWrite) != 0;

    private void Want(int socket, short what, bool wanted) =>
        _items[socket].Events = (short)(wanted ? _items[socket].Events | what : _items[socket].Events & ~what);
}
