using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>A message on its way to clients. Its frames are made once, when the first client of that framing needs them.</summary>
internal sealed class OutMessage(SocketMessage message, string messageId, string messageType, string parentId = "", PartsArrival? arrival = null)
{
    private ReadOnlyMemory<byte>[]? _v1;
    private (byte[] Frame, bool Binary)? _legacy;

    public SocketMessage Parts => message;

    /// <summary>How much of its buffers has come; null for one that was whole from the start.</summary>
    public PartsArrival? Arrival => arrival;

    public string Id => messageId;

    public string Type => messageType;

    /// <summary><c>msg_id</c> of the request that it is about; empty when there is none.</summary>
    public string ParentId => parentId;

    public ReadOnlyMemory<byte>[] V1Pieces() => _v1 ??= V1Framing.WritePieces(message);

    public (byte[] Frame, bool Binary) LegacyFrame() => _legacy ??= LegacyFraming.Write(message, messageId, messageType);

    /// <summary>The message of a kernel process; its bytes are shared, not copied.</summary>
    public static OutMessage Of(JupyterFrame frame, PartsArrival? arrival) => new(
        new SocketMessage(
            (SocketChannel)frame.Channel,
            frame.Header.Memory,
            frame.ParentHeader.IsEmpty ? "{}"u8.ToArray() : frame.ParentHeader.Memory,
            frame.Metadata.IsEmpty ? "{}"u8.ToArray() : frame.Metadata.Memory,
            frame.Content.IsEmpty ? "{}"u8.ToArray() : frame.Content.Memory,
            frame.Buffers.Count == 0 ? [] : [.. frame.Buffers.Select(b => b.Memory)]),
        frame.MessageId,
        frame.MessageType,
        frame.ParentId,
        arrival);

    /// <summary>What is left of one whose buffers never came.</summary>
    public OutMessage WithoutBuffers() => new(message with { Buffers = [] }, messageId, messageType, parentId, arrival);

    /// <summary>A message of our own.</summary>
    public static OutMessage Of(SocketChannel channel, JupyterMessage message, string messageType) => new(
        new SocketMessage(channel, message.Header, message.ParentHeader, message.Metadata, message.Content, message.Buffers),
        JupyterHeader.Parse(message.Header.Span).MessageId,
        messageType,
        HeaderFields.TryRead(message.ParentHeader.Span, out var parent, out _) ? parent.MessageId : "");
}
