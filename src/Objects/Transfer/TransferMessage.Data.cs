namespace Notebook.Objects.Transfer;

public abstract partial record TransferMessage
{
    /// <summary>A chunk, as the peer says: who receives it checks.</summary>
    /// <param name="Chunk">Its name.</param>
    /// <param name="Bytes">1 to <see cref="ChunkRef.MaxLength"/> bytes.</param>
    public sealed record Data(ChunkRef Chunk, ReadOnlyMemory<byte> Bytes) : TransferMessage
    {
        internal const byte Tag = 0x0a;

        /// <inheritdoc/>
        public override int Size => 1 + ChunkRef.Size + Bytes.Length;

        /// <inheritdoc/>
        public override void Write(Span<byte> to)
        {
            to[0] = Tag;
            Chunk.Write(to[1..]);
            Bytes.Span.CopyTo(to[(1 + ChunkRef.Size)..]);
        }

        // A length other than the name's is for the receiver to refuse: it counts whose fault it was.
        internal static Data? ReadBody(ReadOnlyMemory<byte> from) =>
            ChunkRef.TryRead(from.Span, out var chunk) ? new(chunk, from[ChunkRef.Size..]) : null;
    }
}
