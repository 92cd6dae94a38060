namespace Notebook.Raft.Storage.Disks;

/// <summary>A folder of the real file system.</summary>
public sealed class FolderDisk : IDisk
{
    private const string LockName = "lock";

    private readonly string _folder;
    private readonly DriveInfo _drive;

    /// <summary>Takes a folder, made if it is not there.</summary>
    public FolderDisk(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _drive = new DriveInfo(_folder);
    }

    /// <inheritdoc/>
    public long FreeBytes => _drive.AvailableFreeSpace;

    /// <inheritdoc/>
    public IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(_folder).Select(p => Path.GetFileName(p)).Where(n => n != LockName)];

    /// <inheritdoc/>
    public IDiskFile Create(string name) => OpenFile(name, FileMode.CreateNew);

    /// <inheritdoc/>
    public IDiskFile Open(string name) => OpenFile(name, FileMode.Open);

    /// <inheritdoc/>
    public void Delete(string name) => File.Delete(PathOf(name));

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    /// <inheritdoc/>
    public void SyncDirectory() => LibC.SyncDirectory(_folder);

    /// <inheritdoc/>
    public IDisposable? TryLock()
    {
        // The system drops the lock with the process that holds it, however that ends: a lock file left behind locks nobody out.
        try
        {
            return new FileStream(PathOf(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException refused) when (refused is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }

    private FolderFile OpenFile(string name, FileMode mode)
    {
        try
        {
            return new FolderFile(PathOf(name), mode, () => FreeBytes);
        }
        catch (IOException full) when (FolderFile.IsDiskFull(full))
        {
            throw new DiskFullException(name, 0, FreeBytes);
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
