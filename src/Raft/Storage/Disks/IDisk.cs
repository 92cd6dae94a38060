namespace Notebook.Raft.Storage.Disks;

/// <summary>
/// One folder of flat files, and what a store may rely on: bytes are durable after <see cref="IDiskFile.Sync"/>, names
/// (creation, renaming, deletion) after <see cref="SyncDirectory"/>. Before that a crash may keep any part of them.
/// </summary>
public interface IDisk
{
    /// <summary>Bytes that can still be written.</summary>
    long FreeBytes { get; }

    /// <summary>The names of all files, in no order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes an empty file; there must be none of that name.</summary>
    /// <exception cref="DiskFullException">There is no room for it.</exception>
    IDiskFile Create(string name);

    /// <summary>Opens a file for reading and writing.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    IDiskFile Open(string name);

    /// <summary>Deletes a file; nothing happens when there is none.</summary>
    void Delete(string name);

    /// <summary>Renames a file, in one step, over whatever has the new name.</summary>
    void Rename(string from, string to);

    /// <summary>Makes all changes of names durable.</summary>
    void SyncDirectory();

    /// <summary>Takes the folder for this process until the result is disposed; null when another one has it.</summary>
    IDisposable? TryLock();
}

/// <summary>One file of a disk. Reading may go on while another thread writes elsewhere in the file.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Bytes in the file.</summary>
    long Length { get; }

    /// <summary>Reads from a position until the buffer is full or the file ends; returns how many bytes that was.</summary>
    /// <exception cref="IOException">The disk cannot read there.</exception>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes at a position, which may be the file's end. When it fails, any part may have been written.</summary>
    /// <exception cref="DiskFullException">There is no room.</exception>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file; needs no room.</summary>
    void Truncate(long length);

    /// <summary>
    /// Makes the file's bytes and length durable. When it fails nobody knows what is: the caller must stop using the
    /// file's unsynced part, and never call it again in the hope of a better answer.
    /// </summary>
    void Sync();
}
