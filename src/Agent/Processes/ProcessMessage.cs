using Google.Protobuf;
using Notebook.JupyterWire;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Processes;

/// <summary>Between the two shapes of a Jupyter message: ours in memory, and the one on links. Bytes are not copied.</summary>
internal static class ProcessMessage
{
    /// <exception cref="JupyterFormatException">Header or parent header cannot be read.</exception>
    public static JupyterFrame ToFrame(Channel channel, JupyterMessage message)
    {
        var header = JupyterHeader.Parse(message.Header.Span);
        var parent = JupyterHeader.Parse(message.ParentHeader.Span);
        var frame = new JupyterFrame
        {
            Channel = channel,
            Header = UnsafeByteOperations.UnsafeWrap(message.Header),
            ParentHeader = UnsafeByteOperations.UnsafeWrap(message.ParentHeader),
            Metadata = UnsafeByteOperations.UnsafeWrap(message.Metadata),
            Content = UnsafeByteOperations.UnsafeWrap(message.Content),
            MessageId = header.MessageId,
            MessageType = header.MessageType,
            ParentId = parent.MessageId,
            ParentSession = parent.Session,
        };
        foreach (var buffer in message.Buffers) frame.Buffers.Add(UnsafeByteOperations.UnsafeWrap(buffer));
        return frame;
    }

    public static JupyterMessage FromFrame(JupyterFrame frame) => new(
        frame.Header.Memory,
        frame.ParentHeader.Memory,
        frame.Metadata.Memory,
        frame.Content.Memory,
        frame.Buffers.Count == 0 ? [] : [.. frame.Buffers.Select(b => b.Memory)]);
}
