using System.Buffers.Binary;

namespace Notebook.Objects.Transfer;

public abstract partial record TransferMessage
{
    /// <summary>"My disk is full." Nothing is wanted for a while; the sender's status says so.</summary>
    /// <param name="Shortage">What could not be stored.</param>
    public sealed record Full(DiskShortage Shortage) : TransferMessage
    {
        internal const byte Tag = 0x0c;

        /// <inheritdoc/>
        public override int Size => 1 + 2 * sizeof(long);

        /// <inheritdoc/>
        public override void Write(Span<byte> to)
        {
            to[0] = Tag;
            BinaryPrimitives.WriteInt64LittleEndian(to[1..], Shortage.AskedBytes);
            BinaryPrimitives.WriteInt64LittleEndian(to[(1 + sizeof(long))..], Shortage.FreeBytes);
        }

        internal static Full? ReadBody(ReadOnlySpan<byte> from)
        {
            if (from.Length != 2 * sizeof(long)) return null;
            var (asked, free) = (BinaryPrimitives.ReadInt64LittleEndian(from), BinaryPrimitives.ReadInt64LittleEndian(from[sizeof(long)..]));
            return asked < 0 || free < 0 ? null : new(new DiskShortage(asked, free));
        }
    }
}
