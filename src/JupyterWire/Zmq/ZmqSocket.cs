using System.Text;

namespace Notebook.JupyterWire.Zmq;

/// <summary>A ZMQ socket. Used by one thread at a time: that is libzmq's rule.</summary>
public sealed class ZmqSocket : IDisposable
{
    private const int MaxFrames = JupyterMessage.MaxBuffers + 32;
    private nint _socket;

    /// <summary>Makes a socket. It does not linger when it is closed, unless told to.</summary>
    public ZmqSocket(ZmqContext context, ZmqSocketType type)
    {
        _socket = LibZmq.NewSocket(context.Handle, type);
        Set(ZmqOption.Linger, 0);
    }

    /// <summary>The address that the last bind came to.</summary>
    public string LastEndpoint => LibZmq.GetText(Handle, ZmqOption.LastEndpoint);

    internal nint Handle => _socket != 0 ? _socket : throw new ObjectDisposedException(nameof(ZmqSocket));

    /// <summary>Sets an option that is a number.</summary>
    public ZmqSocket Set(ZmqOption option, int value)
    {
        LibZmq.Set(Handle, option, value);
        return this;
    }

    /// <summary>Sets an option that is a number of 64 bits.</summary>
    public ZmqSocket Set(ZmqOption option, long value)
    {
        LibZmq.Set(Handle, option, BitConverter.GetBytes(value));
        return this;
    }

    /// <summary>Sets an option that is a text.</summary>
    public ZmqSocket Set(ZmqOption option, string value)
    {
        LibZmq.Set(Handle, option, Encoding.UTF8.GetBytes(value));
        return this;
    }

    /// <summary>Listens.</summary>
    public void Bind(string address) => LibZmq.Bind(Handle, address);

    /// <summary>Connects; libzmq does so in the background, and again when the peer comes back.</summary>
    public void Connect(string address) => LibZmq.Connect(Handle, address);

    /// <summary>Sends the frames as one message, without waiting. Frames must not be changed any more: large ones are not copied.</summary>
    /// <returns>False when the socket is full, or a ROUTER that is to say so (<see cref="ZmqOption.RouterMandatory"/>) does not know the peer: nothing was sent.</returns>
    public bool TrySend(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        for (var i = 0; i < frames.Count; i++)
        {
            if (LibZmq.TrySend(Handle, frames[i], more: i < frames.Count - 1)) continue;
            if (i == 0) return false;
            throw new InvalidOperationException("libzmq took the first frame of a message, but not the rest");
        }

        return true;
    }

    /// <summary>Receives a message without waiting; null when there is none.</summary>
    /// <param name="borrow">
    /// Leaves large frames in libzmq's memory. It goes back when nobody holds the frame: who works on a span of a frame has to
    /// hold the frame meanwhile.
    /// </param>
    /// <exception cref="JupyterFormatException">It has more frames than any Jupyter message; it was read and dropped.</exception>
    public List<ReadOnlyMemory<byte>>? TryReceive(bool borrow = false)
    {
        if (LibZmq.TryReceive(Handle, borrow, out var more) is not { } first) return null;
        var frames = new List<ReadOnlyMemory<byte>>(8) { first };
        var count = 1;
        while (more)
        {
            var frame = LibZmq.TryReceive(Handle, borrow, out more)
                ?? throw new InvalidOperationException("libzmq gave the first frame of a message, but not the rest");
            if (++count <= MaxFrames) frames.Add(frame);
        }

        return count <= MaxFrames ? frames : throw new JupyterFormatException($"a message of {count} frames: at most {MaxFrames} are taken");
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        var socket = Interlocked.Exchange(ref _socket, 0);
        if (socket != 0) LibZmq.Close(socket);
    }
}
