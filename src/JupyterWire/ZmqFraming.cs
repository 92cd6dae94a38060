namespace Notebook.JupyterWire;

/// <summary>
/// A Jupyter message as ZMQ frames: any identities (or a topic), a delimiter, the signature, header, parent header,
/// metadata, content, buffers.
/// </summary>
public static class ZmqFraming
{
    private const int PartsAfterDelimiter = 5;
    private const int MaxIdentities = 16;
    private static readonly ReadOnlyMemory<byte> s_delimiter = "<IDS|MSG>"u8.ToArray();

    /// <summary>Takes frames apart and checks their signature.</summary>
    /// <exception cref="JupyterFormatException">The frames are no message.</exception>
    public static FramedMessage Parse(IReadOnlyList<ReadOnlyMemory<byte>> frames, MessageSigner signer)
    {
        var delimiter = 0;
        while (delimiter < frames.Count && !frames[delimiter].Span.SequenceEqual(s_delimiter.Span)) delimiter++;
        if (delimiter > MaxIdentities) throw new JupyterFormatException($"no <IDS|MSG> in the first {MaxIdentities} frames");
        if (frames.Count - delimiter - 1 < PartsAfterDelimiter)
        {
            throw new JupyterFormatException(delimiter == frames.Count
                ? $"no <IDS|MSG> in {frames.Count} frames"
                : $"{frames.Count - delimiter - 1} frames after <IDS|MSG>, at least {PartsAfterDelimiter} are needed");
        }

        var first = delimiter + 1 + PartsAfterDelimiter;
        if (frames.Count - first > JupyterMessage.MaxBuffers)
            throw new JupyterFormatException($"{frames.Count - first} buffers, at most {JupyterMessage.MaxBuffers} are taken");

        var message = new JupyterMessage(
            frames[delimiter + 2],
            frames[delimiter + 3],
            frames[delimiter + 4],
            frames[delimiter + 5],
            frames.Count == first ? [] : [.. frames.Skip(first)]);
        if (message.Size > JupyterMessage.MaxBytes)
            throw new JupyterFormatException($"a message has {message.Size} bytes, at most {JupyterMessage.MaxBytes} are taken");
        return new(
            delimiter == 0 ? [] : [.. frames.Take(delimiter)],
            message,
            frames[delimiter + 1],
            signer.Verify(message, frames[delimiter + 1].Span));
    }

    /// <summary>Puts frames together, signed.</summary>
    /// <param name="message">The message.</param>
    /// <param name="signer">Signs it.</param>
    /// <param name="identities">Frames before the delimiter; none for a socket that has one peer.</param>
    public static List<ReadOnlyMemory<byte>> Build(
        JupyterMessage message, MessageSigner signer, IReadOnlyList<ReadOnlyMemory<byte>>? identities = null)
    {
        var frames = new List<ReadOnlyMemory<byte>>((identities?.Count ?? 0) + 1 + PartsAfterDelimiter + message.Buffers.Count);
        if (identities is not null) frames.AddRange(identities);
        frames.Add(s_delimiter);
        frames.Add(signer.Sign(message));
        frames.Add(message.Header);
        frames.Add(message.ParentHeader);
        frames.Add(message.Metadata);
        frames.Add(message.Content);
        frames.AddRange(message.Buffers);
        return frames;
    }
}

/// <summary>What came in ZMQ frames.</summary>
/// <param name="Identities">The frames before the delimiter.</param>
/// <param name="Message">The message.</param>
/// <param name="Signature">Its signature, as it came.</param>
/// <param name="SignatureIsRight">Whether it may be believed; when not, it must be dropped.</param>
public sealed record FramedMessage(
    IReadOnlyList<ReadOnlyMemory<byte>> Identities, JupyterMessage Message, ReadOnlyMemory<byte> Signature, bool SignatureIsRight);
