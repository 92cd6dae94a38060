using Google.Protobuf;
using Notebook.JupyterWire.WebSockets;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>Clients' messages as agents take them.</summary>
internal static class Frames
{
    /// <summary>For a message that is sent before its memory is used again, as that of a small one is.</summary>
    public static JupyterFrame Wrap(in SocketMessage message, in HeaderFields header) =>
        Make(message, header, UnsafeByteOperations.UnsafeWrap);

    /// <summary>For a message that is kept. The memory of a large one is its own.</summary>
    public static JupyterFrame Keep(in SocketMessage message, in HeaderFields header) =>
        message.Size >= SocketMessage.LargeFrom ? Wrap(message, header) : Make(message, header, part => ByteString.CopyFrom(part.Span));

    private static JupyterFrame Make(in SocketMessage message, in HeaderFields header, Func<ReadOnlyMemory<byte>, ByteString> bytes)
    {
        var frame = new JupyterFrame
        {
            Channel = (Channel)message.Channel,
            Header = bytes(message.Header),
            ParentHeader = bytes(message.ParentHeader),
            Metadata = bytes(message.Metadata),
            Content = bytes(message.Content),
            MessageId = header.MessageId,
            MessageType = header.MessageType,
        };
        if (HeaderFields.TryRead(message.ParentHeader.Span, out var parent, out _))
            (frame.ParentId, frame.ParentSession) = (parent.MessageId, parent.Session);
        foreach (var buffer in message.Buffers) frame.Buffers.Add(bytes(buffer));
        return frame;
    }
}
