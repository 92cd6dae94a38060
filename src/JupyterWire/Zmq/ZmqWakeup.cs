namespace Notebook.JupyterWire.Zmq;

/// <summary>Wakes the thread that waits in a <see cref="ZmqPoller"/>, from any other.</summary>
public sealed class ZmqWakeup : IDisposable
{
    private static readonly ReadOnlyMemory<byte>[] s_frame = [ReadOnlyMemory<byte>.Empty];
    private readonly Lock _lock = new();
    private readonly ZmqSocket _end;
    private bool _isAwake;
    private bool _isClosed;

    /// <summary>Makes the pair of sockets.</summary>
    public ZmqWakeup(ZmqContext context)
    {
        var address = $"inproc://wakeup-{Guid.NewGuid():N}";
        Socket = new ZmqSocket(context, ZmqSocketType.Pair);
        Socket.Bind(address);
        _end = new ZmqSocket(context, ZmqSocketType.Pair);
        _end.Connect(address);
    }

    /// <summary>What the waiting thread has in its poller; readable once it is to wake.</summary>
    public ZmqSocket Socket { get; }

    /// <summary>Wakes the thread, once until it falls asleep again. After the end it does nothing.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (_isAwake || _isClosed) return;
            _isAwake = _end.TrySend(s_frame);
        }
    }

    /// <summary>For the thread when it has been woken, before it looks for what there is to do.</summary>
    public void FallAsleep()
    {
        lock (_lock)
        {
            while (Socket.TryReceive() is not null)
            {
            }

            _isAwake = false;
        }
    }

    /// <summary>For the thread, at its end: closes the sockets.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            Socket.Dispose();
            _end.Dispose();
        }
    }
}
