using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Notebook.JupyterWire;
using Notebook.Links;

namespace Notebook.Agent.Processes.Memory;

/// <summary>
/// Memory that a kernel process can be given, filled with a message's buffers while they arrive: when the last byte is
/// there, nothing is left to be copied. It goes through a small array, since a write to such memory costs half of what
/// its faults cost when it is mapped.
/// </summary>
internal sealed class BuffersMemory : IBuffersPlace
{
    private const int PieceBytes = 256 << 10;
    private readonly SafeFileHandle _memory;
    private readonly IReadOnlyList<int> _lengths;
    private readonly long[] _starts;
    private readonly byte[] _piece = GC.AllocateUninitializedArray<byte>(PieceBytes);
    private int _inPiece;    // bytes of the buffer that are not in the memory yet
    private int _buffer;     // that is being filled
    private int _written;    // bytes of it that are in the memory

    private BuffersMemory(SafeFileHandle memory, IReadOnlyList<int> lengths) => (_memory, _lengths, _starts) = (memory, lengths, SharedLayout.StartsOf(lengths));

    /// <summary>Makes memory for buffers of these lengths; null where they are too small for it, or the system has none.</summary>
    public static BuffersMemory? TryMake(IReadOnlyList<int> lengths)
    {
        var bytes = lengths.Sum(length => (long)length);
        if (bytes is < MemorySocket.WorthIt or > JupyterMessage.MaxBytes || !OperatingSystem.IsLinux() || LibC.NewMemory() is not { } memory) return null;
        LargeMemory.Take(bytes);
        return new(memory, lengths);
    }

    /// <inheritdoc/>
    public Memory<byte> Room
    {
        get
        {
            while (_buffer < _lengths.Count && _written == _lengths[_buffer]) (_buffer, _written) = (_buffer + 1, 0);
            return _buffer == _lengths.Count ? default : _piece.AsMemory(_inPiece, Math.Min(PieceBytes, _lengths[_buffer] - _written) - _inPiece);
        }
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        _inPiece += count;
        if (_inPiece < Math.Min(PieceBytes, _lengths[_buffer] - _written)) return;
        RandomAccess.Write(_memory, _piece.AsSpan(0, _inPiece), _starts[_buffer] + _written);
        _written += _inPiece;
        _inPiece = 0;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> End()
    {
        var length = checked((int)_starts[^1]);
        RandomAccess.SetLength(_memory, length);   // an empty last buffer has its place too
        if (!LibC.TrySeal(_memory)) throw new IOException("memory for a kernel process cannot be sealed");
        ReadOnlyMemory<byte> all = MappedMemory.Own(_memory, length).Memory;
        return [.. _lengths.Select((size, i) => all.Slice((int)_starts[i], size))];
    }

    /// <summary>The memory in which buffers lie as a kernel process expects it; null when they lie elsewhere.</summary>
    public static MappedMemory? Of(IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        MappedMemory? found = null;
        var starts = SharedLayout.StartsOf([.. buffers.Select(buffer => buffer.Length)]);
        for (var i = 0; i < buffers.Count; i++)
        {
            if (buffers[i].IsEmpty) continue;
            if (!MemoryMarshal.TryGetMemoryManager<byte, MappedMemory>(buffers[i], out var mapped, out var start, out _)) return null;
            found ??= mapped;
            if (mapped != found || start != starts[i]) return null;
        }

        return found is { File: not null } && found.Memory.Length == starts[^1] ? found : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
