namespace Notebook.JupyterWire;

/// <summary>One Jupyter message: four JSON texts as they came, and binary buffers. What they say is not looked at here.</summary>
/// <param name="Header">The header's JSON.</param>
/// <param name="ParentHeader">The parent header's JSON, <c>{}</c> when there is none.</param>
/// <param name="Metadata">The metadata's JSON.</param>
/// <param name="Content">The content's JSON.</param>
/// <param name="Buffers">Binary buffers; usually none.</param>
public sealed record JupyterMessage(
    ReadOnlyMemory<byte> Header,
    ReadOnlyMemory<byte> ParentHeader,
    ReadOnlyMemory<byte> Metadata,
    ReadOnlyMemory<byte> Content,
    IReadOnlyList<ReadOnlyMemory<byte>> Buffers)
{
    /// <summary>The most buffers that a message may have.</summary>
    public const int MaxBuffers = 10_000;

    /// <summary>The largest message that is taken, 512 MiB over all parts.</summary>
    public const long MaxBytes = 512L << 20;

    /// <summary>The bytes of all parts.</summary>
    public long Size
    {
        get
        {
            long size = Header.Length + ParentHeader.Length + Metadata.Length + (long)Content.Length;
            foreach (var buffer in Buffers) size += buffer.Length;
            return size;
        }
    }
}
