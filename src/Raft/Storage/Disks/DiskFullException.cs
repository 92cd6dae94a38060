namespace Notebook.Raft.Storage.Disks;

/// <summary>The disk has no room for a write. Nothing else is wrong with it: it works again when there is room.</summary>
/// <param name="file">The file that was to grow.</param>
/// <param name="askedBytes">Bytes that were to be written.</param>
/// <param name="freeBytes">Bytes that were free.</param>
public sealed class DiskFullException(string file, long askedBytes, long freeBytes)
    : IOException($"no room for {askedBytes} bytes in {file}: {freeBytes} bytes are free on its disk")
{
    /// <summary>Bytes that were to be written.</summary>
    public long AskedBytes => askedBytes;

    /// <summary>Bytes that were free.</summary>
    public long FreeBytes => freeBytes;
}
