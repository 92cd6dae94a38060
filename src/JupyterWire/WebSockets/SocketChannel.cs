namespace Notebook.JupyterWire.WebSockets;

/// <summary>The channel that a WebSocket message belongs to; one WebSocket carries all four.</summary>
public enum SocketChannel
{
    /// <summary>Requests that run in order, and their replies.</summary>
    Shell,

    /// <summary>What the kernel tells everyone.</summary>
    Iopub,

    /// <summary>Input that the kernel asks of one client.</summary>
    Stdin,

    /// <summary>Requests that pass the queue of <see cref="Shell"/>.</summary>
    Control,
}

/// <summary>The channels' names on the wire.</summary>
public static class SocketChannels
{
    /// <summary>The name, such as <c>shell</c>, in UTF-8.</summary>
    public static ReadOnlySpan<byte> Name(this SocketChannel channel) => channel switch
    {
        SocketChannel.Shell => "shell"u8,
        SocketChannel.Iopub => "iopub"u8,
        SocketChannel.Stdin => "stdin"u8,
        SocketChannel.Control => "control"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(channel)),
    };

    /// <summary>The channel of that name; false when there is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out SocketChannel channel)
    {
        for (channel = SocketChannel.Shell; channel <= SocketChannel.Control; channel++)
            if (name.SequenceEqual(channel.Name())) return true;
        return false;
    }
}
