using Microsoft.Win32.SafeHandles;

namespace Notebook.Objects.Disk;

/// <summary>The store's files in a folder of a real disk, which it locks against a second process.</summary>
public sealed class DirectoryFiles : IChunkFiles
{
    // Above that many files, one syncfs for all that the file system has is cheaper than as many fsyncs.
    private const int MaxFilesSyncedOneByOne = 32;

    private readonly string _root;
    private readonly DriveInfo _drive;
    private readonly FileStream _lock;

    /// <summary>Opens the folder, and makes it where it is missing.</summary>
    /// <exception cref="IOException">Another process has it open, or it cannot be written.</exception>
    public DirectoryFiles(string root)
    {
        _root = Path.GetFullPath(root);
        Directory.CreateDirectory(_root);
        _lock = new FileStream(Path.Combine(_root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        _drive = new DriveInfo(_root);
        Directory.CreateDirectory(At(ChunkNames.Quarantine));
        if (Directory.Exists(At($"{ChunkNames.Chunks}/ff"))) return;

        for (var i = 0; i < 256; i++) Directory.CreateDirectory(At($"{ChunkNames.Chunks}/{i:x2}"));
        FileSync.All(_root);
    }

    /// <inheritdoc/>
    public long FreeBytes => _drive.AvailableFreeSpace;

    /// <inheritdoc/>
    public IEnumerable<(string Name, long Length)> List() =>
        from folder in (string[])[ChunkNames.Chunks, ChunkNames.Quarantine]
        from file in new DirectoryInfo(At(folder)).EnumerateFiles("*", SearchOption.AllDirectories)
        select (Path.GetRelativePath(_root, file.FullName), file.Length);

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var file = File.OpenHandle(At(name), FileMode.CreateNew, FileAccess.Write);
            RandomAccess.Write(file, bytes, 0);
        }
        catch (IOException e) when (DiskFullException.IsDiskFull(e))
        {
            throw new DiskFullException(name, e);
        }
    }

    /// <inheritdoc/>
    public int? Read(string name, Span<byte> to)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(At(name));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        using (file)
        {
            var length = 0;
            for (int read; length < to.Length && (read = RandomAccess.Read(file, to[length..], length)) > 0;) length += read;
            return length;
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(At(from), At(to), overwrite: true);

    /// <inheritdoc/>
    public void Delete(string name) => File.Delete(At(name));

    /// <inheritdoc/>
    public void Sync(IReadOnlyList<string> names)
    {
        if (names.Count > MaxFilesSyncedOneByOne)
        {
            FileSync.All(_root);
            return;
        }
        foreach (var name in names) FileSync.One(At(name));
        foreach (var folder in names.Select(name => Path.GetDirectoryName(At(name))!).Distinct()) FileSync.One(folder);
    }

    /// <summary>Unlocks the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private string At(string name) => Path.Combine(_root, name);
}
