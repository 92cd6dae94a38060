namespace Notebook.Objects;

/// <summary>
/// A chunk whose bytes are known to be what its name says. Nobody can make one without hashing, so who
/// takes one need not hash again.
/// </summary>
public sealed class VerifiedChunk
{
    private VerifiedChunk(ChunkRef chunk, ReadOnlyMemory<byte> bytes) => (Ref, Bytes) = (chunk, bytes);

    /// <summary>Its name.</summary>
    public ChunkRef Ref { get; }

    /// <summary>Its bytes; whoever made it promised not to change them any more.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Names these bytes.</summary>
    /// <exception cref="ArgumentException">There are none, or more than <see cref="ChunkRef.MaxLength"/>.</exception>
    public static VerifiedChunk Of(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length is 0 or > ChunkRef.MaxLength)
            throw new ArgumentException($"a chunk has 1 to {ChunkRef.MaxLength} bytes, not {bytes.Length}", nameof(bytes));
        return new(ChunkRef.Of(bytes.Span), bytes);
    }

    /// <summary>The chunk of that name, or null when these bytes are another one's.</summary>
    public static VerifiedChunk? Verify(ChunkRef expected, ReadOnlyMemory<byte> bytes) =>
        bytes.Length == expected.Length && ChunkRef.Of(bytes.Span) == expected ? new(expected, bytes) : null;

    /// <summary>For the shelf, which hashes while it reads.</summary>
    internal static VerifiedChunk Trust(ChunkRef chunk, ReadOnlyMemory<byte> bytes) => new(chunk, bytes);
}
