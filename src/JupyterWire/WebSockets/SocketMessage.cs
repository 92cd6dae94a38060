namespace Notebook.JupyterWire.WebSockets;

/// <summary>
/// One Jupyter message on a WebSocket. The parts are the JSON text as it came, which nobody on the way needs to
/// understand; when a message was read, they point into the frame that it was read from.
/// </summary>
/// <param name="Channel">Its channel.</param>
/// <param name="Header">JSON object.</param>
/// <param name="ParentHeader">JSON object; <c>{}</c> when there is no parent.</param>
/// <param name="Metadata">JSON object.</param>
/// <param name="Content">JSON object.</param>
/// <param name="Buffers">Raw bytes that follow the JSON.</param>
public readonly record struct SocketMessage(
    SocketChannel Channel,
    ReadOnlyMemory<byte> Header,
    ReadOnlyMemory<byte> ParentHeader,
    ReadOnlyMemory<byte> Metadata,
    ReadOnlyMemory<byte> Content,
    IReadOnlyList<ReadOnlyMemory<byte>> Buffers)
{
    /// <summary>How many buffers a message may have; real ones have a handful.</summary>
    public const int MaxBuffers = 4096;

    /// <summary>
    /// A message with as many bytes is large, 1 MiB: whoever reads it gives it memory of its own, and nobody copies it.
    /// </summary>
    public const int LargeFrom = 1 << 20;

    internal static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    /// <summary>Which of its parts is no JSON object, in words; null when each is one.</summary>
    public string? Fault => JsonParts.FaultOf(this);

    /// <summary>Bytes of all parts together.</summary>
    public long Size
    {
        get
        {
            var size = (long)Header.Length + ParentHeader.Length + Metadata.Length + Content.Length;
            for (var i = 0; i < Buffers.Count; i++) size += Buffers[i].Length;
            return size;
        }
    }
}
