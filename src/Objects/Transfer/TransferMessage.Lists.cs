using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Notebook.Objects.Transfer;

public abstract partial record TransferMessage
{
    /// <summary>"I have these: which do you lack?" Answered with <see cref="Held"/> and <see cref="Want"/>, all at the receiver's pace.</summary>
    /// <param name="Priority">Lower is sooner; chunks of one priority come in the order in which they were offered.</param>
    /// <param name="Chunks">1 to <see cref="MaxChunks"/> chunks.</param>
    public sealed record Offer(int Priority, ImmutableArray<ChunkRef> Chunks) : TransferMessage
    {
        internal const byte Tag = 0x03;

        /// <inheritdoc/>
        public override int Size => 1 + sizeof(int) + Chunks.Length * ChunkRef.Size;

        /// <inheritdoc/>
        public override void Write(Span<byte> to)
        {
            WriteList(Tag, Chunks, to[sizeof(int)..]);
            to[0] = Tag;
            BinaryPrimitives.WriteInt32LittleEndian(to[1..], Priority);
        }

        internal static Offer? ReadBody(ReadOnlySpan<byte> from) =>
            from.Length >= sizeof(int) && ReadList(from[sizeof(int)..]) is { } chunks
                ? new(BinaryPrimitives.ReadInt32LittleEndian(from), chunks)
                : null;
    }

    /// <summary>"Send me these." Each is answered with <see cref="Data"/> or <see cref="Lack"/>; unanswered ones are wanted again.</summary>
    /// <param name="Chunks">1 to <see cref="MaxChunks"/> chunks, the first one first.</param>
    public sealed record Want(ImmutableArray<ChunkRef> Chunks) : TransferMessage
    {
        internal const byte Tag = 0x05;

        /// <inheritdoc/>
        public override int Size => 1 + Chunks.Length * ChunkRef.Size;

        /// <inheritdoc/>
        public override void Write(Span<byte> to) => WriteList(Tag, Chunks, to);
    }

    /// <summary>"I have these", verified and stored: answers an offer, or acknowledges data.</summary>
    /// <param name="Chunks">1 to <see cref="MaxChunks"/> chunks.</param>
    public sealed record Held(ImmutableArray<ChunkRef> Chunks) : TransferMessage
    {
        internal const byte Tag = 0x06;

        /// <inheritdoc/>
        public override int Size => 1 + Chunks.Length * ChunkRef.Size;

        /// <inheritdoc/>
        public override void Write(Span<byte> to) => WriteList(Tag, Chunks, to);
    }

    /// <summary>"You want these, but I have them not": not any more, not yet, or only damaged.</summary>
    /// <param name="Chunks">1 to <see cref="MaxChunks"/> chunks.</param>
    public sealed record Lack(ImmutableArray<ChunkRef> Chunks) : TransferMessage
    {
        internal const byte Tag = 0x09;

        /// <inheritdoc/>
        public override int Size => 1 + Chunks.Length * ChunkRef.Size;

        /// <inheritdoc/>
        public override void Write(Span<byte> to) => WriteList(Tag, Chunks, to);
    }
}
