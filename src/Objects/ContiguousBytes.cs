using System.Buffers;

namespace Notebook.Objects;

/// <summary>A sequence's bytes in one piece: its own memory where it is one already, else a borrowed copy.</summary>
internal readonly struct ContiguousBytes : IDisposable
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly PooledBytes? _copy;

    internal ContiguousBytes(in ReadOnlySequence<byte> from)
    {
        if (from.IsSingleSegment)
        {
            _bytes = from.First;
            return;
        }
        var copy = new PooledBytes((int)from.Length);
        from.CopyTo(copy.Span);
        (_copy, _bytes) = (copy, copy.Memory);
    }

    internal ReadOnlySpan<byte> Span => _bytes.Span;

    public void Dispose() => _copy?.Dispose();
}
