using System.Buffers;

namespace Notebook.Objects.Tests;

/// <summary>A value in several pieces of memory.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> bytes, long start) => (Memory, RunningIndex) = (bytes, start);

    internal static ReadOnlySequence<byte> Of(byte[] value, params int[] cuts)
    {
        var first = new Pieces(value.AsMemory(0, cuts[0]), 0);
        var last = first;
        for (var i = 0; i < cuts.Length; i++)
        {
            var end = i + 1 < cuts.Length ? cuts[i + 1] : value.Length;
            var next = new Pieces(value.AsMemory(cuts[i]..end), cuts[i]);
            last.Next = next;
            last = next;
        }
        return new(first, 0, last, last.Memory.Length);
    }
}
