namespace Notebook.Objects.Disk;

/// <summary>
/// The few things the store asks of a disk, so that tests can have one that is full, tears, forgets and decays. Names are
/// relative paths as <see cref="ChunkNames"/> makes them. Any number of threads may call; the store sees to it that no two
/// write the same name at a time.
/// </summary>
public interface IChunkFiles : IDisposable
{
    /// <summary>Bytes that can still be written, as far as the disk knows.</summary>
    long FreeBytes { get; }

    /// <summary>All files with their lengths, in no order.</summary>
    IEnumerable<(string Name, long Length)> List();

    /// <summary>Writes a new file. It need not survive a power cut until <see cref="Sync"/> was called for it.</summary>
    /// <exception cref="DiskFullException">There is no room; a part of the file may be there.</exception>
    void Write(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Reads a file from its start into the buffer; how many bytes that were, or null when there is no such file.</summary>
    int? Read(string name, Span<byte> to);

    /// <summary>Renames a file in one step, in place of what has the new name.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; nothing happens when there is none.</summary>
    void Delete(string name);

    /// <summary>Makes these files and their names durable.</summary>
    /// <exception cref="IOException">The disk failed to. What was written before may be lost, also from later calls.</exception>
    void Sync(IReadOnlyList<string> names);
}
