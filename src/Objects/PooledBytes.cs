using System.Buffers;

namespace Notebook.Objects;

/// <summary>A borrowed buffer of an exact length.</summary>
internal readonly struct PooledBytes(int length) : IDisposable
{
    private readonly byte[] _array = ArrayPool<byte>.Shared.Rent(length);

    public Span<byte> Span => _array.AsSpan(0, length);

    public Memory<byte> Memory => _array.AsMemory(0, length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_array);
}
