using System.Buffers.Binary;
using System.Collections.Immutable;
using Notebook.Objects;

namespace Notebook.Agent.State;

/// <summary>What a kernel's log holds, beside the group's own membership (design, section 6). Written once, read at every replica.</summary>
internal abstract record StateEntry
{
    /// <summary>In the place of a cell's number: what clients' messages to comms changed between two cells.</summary>
    public const long NoExecution = 0;

    private const byte Version = 1;
    private const int HeadSize = 2;

    private enum Kind : byte
    {
        Lead = 1,
        Change = 2,
        CellChange = 3,   // a change, with the cell's end before its inline bytes
        Summary = 4,      // as a change, without an execution
    }

    /// <summary>
    /// A replica runs the cells from one on: no change of an older epoch counts after it. One entry for each change of
    /// the executor, not for each cell: while nobody else leads, its epoch stays in force.
    /// </summary>
    /// <param name="Execution">The first cell that it is for.</param>
    /// <param name="Replica">The replica's number in its kernel.</param>
    /// <param name="Epoch">Grows with every change of the executor.</param>
    public sealed record Lead(long Execution, int Replica, long Epoch) : StateEntry
    {
        internal const int Size = HeadSize + sizeof(long) + sizeof(int) + sizeof(long);
    }

    /// <summary>What one cell changed, or what happened between two of them.</summary>
    /// <param name="Execution">The cell; <see cref="NoExecution"/> for none.</param>
    /// <param name="Epoch">Under which it ran.</param>
    /// <param name="Sequence">Counts the changes of the kernel's state, from 1 without gaps.</param>
    /// <param name="Blobs">Large memory that came with it, by its hashes; the bytes are in the object store.</param>
    /// <param name="Inline">The change as the kernel process wrote it (<c>kernel/notebook_kernel/state/change.py</c>); not looked into here.</param>
    /// <param name="Cell">How the cell ended; null without one, and in entries of releases that did not note it.</param>
    public sealed record Change(
        long Execution, long Epoch, long Sequence, ImmutableArray<ChunkRef> Blobs, ReadOnlyMemory<byte> Inline, EndedCell? Cell = null) : StateEntry
    {
        internal const int FixedSize = HeadSize + (3 * sizeof(long)) + sizeof(int);
    }

    /// <summary>
    /// All that the changes up to one have come to: what every replica may keep in their place, also one whose process cannot
    /// say it, because it waits for large values that its disk has no room for.
    /// </summary>
    /// <param name="Epoch">The epoch in force.</param>
    /// <param name="Sequence">The last change that is in it.</param>
    /// <param name="Blobs">Large memory that it names.</param>
    /// <param name="Inline">The state as the kernel process wrote it.</param>
    public sealed record Summary(long Epoch, long Sequence, ImmutableArray<ChunkRef> Blobs, ReadOnlyMemory<byte> Inline) : StateEntry;

    /// <summary>The large memory that the entry names.</summary>
    public ImmutableArray<ChunkRef> Names => this switch
    {
        Change change => change.Blobs,
        Summary summary => summary.Blobs,
        _ => [],
    };

    /// <summary>The entry's bytes.</summary>
    public ReadOnlyMemory<byte> Write() => this switch
    {
        Lead lead => Bytes(lead),
        Change change => Bytes(change.Cell is null ? Kind.Change : Kind.CellChange, change),
        Summary summary => Bytes(Kind.Summary, new Change(0, summary.Epoch, summary.Sequence, summary.Blobs, summary.Inline)),
        _ => throw new InvalidOperationException($"an unknown entry: {this}"),
    };

    /// <summary>Reads what <see cref="Write"/> wrote. The bytes come from the replicated log, whose checksums hold: what cannot be read is of another release.</summary>
    /// <exception cref="InvalidDataException">It is no entry that this release knows.</exception>
    public static StateEntry Read(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < HeadSize || span[0] != Version)
            throw new InvalidDataException($"a log entry of version {(span.Length > 0 ? span[0] : 0)}; this release writes and reads version {Version}");
        switch ((Kind)span[1])
        {
            case Kind.Lead when span.Length == Lead.Size:
                return new Lead(
                    BinaryPrimitives.ReadInt64LittleEndian(span[2..]),
                    BinaryPrimitives.ReadInt32LittleEndian(span[10..]),
                    BinaryPrimitives.ReadInt64LittleEndian(span[14..]));
            case Kind.Change or Kind.CellChange or Kind.Summary when span.Length >= Change.FixedSize:
                var count = BinaryPrimitives.ReadInt32LittleEndian(span[26..]);
                if (count < 0 || count > (span.Length - Change.FixedSize) / ChunkRef.Size)
                    throw new InvalidDataException($"a change that names {count} blobs in {span.Length} bytes");
                var blobs = ImmutableArray.CreateBuilder<ChunkRef>(count);
                var at = Change.FixedSize;
                for (var i = 0; i < count; i++, at += ChunkRef.Size)
                {
                    if (!ChunkRef.TryRead(span[at..], out var blob)) throw new InvalidDataException($"blob {i} of a change has an impossible length");
                    blobs.Add(blob);
                }

                var cell = (Kind)span[1] == Kind.CellChange ? EndedCell.Read(span[at..]) : null;
                var (epoch, sequence) = (BinaryPrimitives.ReadInt64LittleEndian(span[10..]), BinaryPrimitives.ReadInt64LittleEndian(span[18..]));
                var inline = bytes[(at + (cell?.Size ?? 0))..];
                return (Kind)span[1] == Kind.Summary
                    ? new Summary(epoch, sequence, blobs.MoveToImmutable(), inline)
                    : new Change(BinaryPrimitives.ReadInt64LittleEndian(span[2..]), epoch, sequence, blobs.MoveToImmutable(), inline, cell);
            default:
                throw new InvalidDataException($"a log entry of kind {span[1]} with {span.Length} bytes");
        }
    }

    private static byte[] Bytes(Lead lead)
    {
        var bytes = new byte[Lead.Size];
        (bytes[0], bytes[1]) = (Version, (byte)Kind.Lead);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), lead.Execution);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(10), lead.Replica);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(14), lead.Epoch);
        return bytes;
    }

    private static byte[] Bytes(Kind kind, Change change)
    {
        var bytes = new byte[Change.FixedSize + (change.Blobs.Length * ChunkRef.Size) + (change.Cell?.Size ?? 0) + change.Inline.Length];
        (bytes[0], bytes[1]) = (Version, (byte)kind);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), change.Execution);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), change.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(18), change.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(26), change.Blobs.Length);
        var at = Change.FixedSize;
        foreach (var blob in change.Blobs)
        {
            blob.Write(bytes.AsSpan(at));
            at += ChunkRef.Size;
        }

        change.Cell?.Write(bytes.AsSpan(at));
        change.Inline.CopyTo(bytes.AsMemory(at + (change.Cell?.Size ?? 0)));
        return bytes;
    }
}
