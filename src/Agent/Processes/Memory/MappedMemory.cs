using System.Buffers;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using Notebook.JupyterWire;

namespace Notebook.Agent.Processes.Memory;

/// <summary>
/// Sealed memory of another process, as it lies. It is freed when nobody holds it any more, so who works on a span of it has
/// to hold it meanwhile (<see cref="GC.KeepAlive"/>).
/// </summary>
internal sealed unsafe class MappedMemory : MemoryManager<byte>
{
    private readonly SafeMemoryMappedViewHandle _view;
    private readonly int _length;

    private MappedMemory(SafeMemoryMappedViewHandle view, int length, SafeFileHandle? file) => (_view, _length, File) = (view, length, file);

    /// <summary>The memory itself, where it is ours to hand on; closed with this.</summary>
    public SafeFileHandle? File { get; }

    /// <summary>Maps memory that a process has sent.</summary>
    /// <param name="memory">The memory; stays the caller's.</param>
    /// <exception cref="JupyterFormatException">It is not sealed, so that reading it could fail at any moment, or has no fit size.</exception>
    public static MappedMemory Open(SafeFileHandle memory)
    {
        if (!LibC.IsSealed(memory)) throw new JupyterFormatException("memory that came beside a message can still be changed");
        var length = RandomAccess.GetLength(memory);
        if (length is 0 or > JupyterMessage.MaxBytes)
            throw new JupyterFormatException($"memory of {length} bytes came beside a message, 1 to {JupyterMessage.MaxBytes} are taken");
        LargeMemory.Take(length);
        return new(Map(memory, length), (int)length, file: null);
    }

    /// <summary>Maps memory of our own, which is sealed and not empty.</summary>
    /// <param name="memory">The memory; it is closed with the result.</param>
    /// <param name="length">Its length, bytes.</param>
    public static MappedMemory Own(SafeFileHandle memory, int length) => new(Map(memory, length), length, memory);

    private static SafeMemoryMappedViewHandle Map(SafeFileHandle memory, long length)
    {
        using var file = MemoryMappedFile.CreateFromFile(memory, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new((void*)_view.DangerousGetHandle(), _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)_view.DangerousGetHandle() + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _view.Dispose();
        File?.Dispose();
    }
}
