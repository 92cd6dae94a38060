using Google.Protobuf;

namespace Notebook.Links;

/// <summary>
/// The parts of a Jupyter message that may be large, its content and its buffers: in a large message they travel beside
/// what surrounds them, so that nobody copies them on the way.
/// </summary>
internal static class LargeParts
{
    /// <summary>The bytes of a message's parts.</summary>
    public static long BytesOf(IMessage message)
    {
        if (message is not ICarriesJupyter { Jupyter: { } frame }) return 0;
        long bytes = frame.Content.Length;
        foreach (var buffer in frame.Buffers) bytes += buffer.Length;
        return bytes;
    }

    /// <summary>A message without its parts, and these.</summary>
    public static (IMessage Around, ReadOnlyMemory<byte>[] Parts) Detach(ICarriesJupyter message)
    {
        var around = message.Copy();
        var frame = around.Jupyter!;
        ReadOnlyMemory<byte>[] parts = [frame.Content.Memory, .. frame.Buffers.Select(buffer => buffer.Memory)];
        frame.Content = ByteString.Empty;
        for (var i = 0; i < frame.Buffers.Count; i++) frame.Buffers[i] = ByteString.Empty;
        return (around, parts);
    }

    /// <summary>Puts them together again.</summary>
    /// <returns>Why they do not fit each other; null when they do.</returns>
    public static string? Attach(IMessage around, ReadOnlyMemory<byte>[] parts)
    {
        if (around is not ICarriesJupyter { Jupyter: { } frame }) return "a message that carries no Jupyter message came with parts";
        if (parts.Length != frame.Buffers.Count + 1) return $"a Jupyter message of {frame.Buffers.Count} buffers came with {parts.Length} parts";
        if (BytesOf(around) > 0) return "a Jupyter message came with parts and had some already";
        frame.Content = UnsafeByteOperations.UnsafeWrap(parts[0]);
        for (var i = 0; i < frame.Buffers.Count; i++) frame.Buffers[i] = UnsafeByteOperations.UnsafeWrap(parts[i + 1]);
        return null;
    }
}
