using System.Collections.Immutable;

namespace Notebook.Objects.Transfer;

/// <summary>
/// What two agents say to each other about chunks. The link between them carries it as opaque bytes.
/// <para>Wire form, little endian: a tag of one byte, then what each message says of itself. Any two tags
/// differ in two bits, so that one flipped bit makes no other message.</para>
/// </summary>
public abstract partial record TransferMessage
{
    /// <summary>Most chunks that one message names.</summary>
    public const int MaxChunks = 1024;

    private TransferMessage()
    {
    }

    /// <summary>Bytes of the wire form.</summary>
    public abstract int Size { get; }

    /// <summary>Writes the wire form into the first <see cref="Size"/> bytes.</summary>
    public abstract void Write(Span<byte> to);

    /// <summary>The wire form in memory of its own.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Write(bytes);
        return bytes;
    }

    /// <summary>Reads a wire form, all of it; null when it is not one. A chunk's bytes are not copied out.</summary>
    public static TransferMessage? Read(ReadOnlyMemory<byte> from)
    {
        if (from.IsEmpty) return null;
        var body = from[1..];
        return from.Span[0] switch
        {
            Offer.Tag => Offer.ReadBody(body.Span),
            Want.Tag => ReadList(body.Span) is { } chunks ? new Want(chunks) : null,
            Held.Tag => ReadList(body.Span) is { } chunks ? new Held(chunks) : null,
            Lack.Tag => ReadList(body.Span) is { } chunks ? new Lack(chunks) : null,
            Data.Tag => Data.ReadBody(body),
            Full.Tag => Full.ReadBody(body.Span),
            _ => null,
        };
    }

    // A list goes to the end of the message: its length says how many there are.
    private static ImmutableArray<ChunkRef>? ReadList(ReadOnlySpan<byte> from)
    {
        if (from.IsEmpty || from.Length % ChunkRef.Size != 0 || from.Length / ChunkRef.Size > MaxChunks) return null;
        var chunks = ImmutableArray.CreateBuilder<ChunkRef>(from.Length / ChunkRef.Size);
        for (; !from.IsEmpty; from = from[ChunkRef.Size..])
        {
            if (!ChunkRef.TryRead(from, out var chunk)) return null;
            chunks.Add(chunk);
        }
        return chunks.MoveToImmutable();
    }

    private static void WriteList(byte tag, ImmutableArray<ChunkRef> chunks, Span<byte> to)
    {
        to[0] = tag;
        for (var i = 0; i < chunks.Length; i++) chunks[i].Write(to[(1 + i * ChunkRef.Size)..]);
    }
}
