using Microsoft.Win32.SafeHandles;

namespace Notebook.Raft.Storage.Disks;

/// <summary>A file of the real file system, written past all of .NET's buffers.</summary>
internal sealed class FolderFile : IDiskFile
{
    private const int NoSpace = 28;        // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT
    private const int TooLarge = 27;       // EFBIG: the process's own limit on the size of files

    private readonly string _path;
    private readonly Func<long> _freeBytes;
    private readonly SafeFileHandle _handle;

    internal FolderFile(string path, FileMode mode, Func<long> freeBytes)
    {
        (_path, _freeBytes) = (path, freeBytes);
        _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_handle);

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        var done = 0;
        while (done < buffer.Length)
        {
            var read = RandomAccess.Read(_handle, buffer[done..], offset + done);
            if (read == 0) break;
            done += read;
        }

        return done;
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (IOException full) when (IsDiskFull(full))
        {
            throw new DiskFullException(_path, bytes.Length, _freeBytes());
        }
    }

    /// <inheritdoc/>
    public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

    /// <inheritdoc/>
    public void Sync() => RandomAccess.FlushToDisk(_handle);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // .NET hands the system's error number on where it has no exception of its own for it.
    internal static bool IsDiskFull(IOException failure) => (failure.HResult & 0xFFFF) is NoSpace or QuotaExceeded or TooLarge or 112;
}
