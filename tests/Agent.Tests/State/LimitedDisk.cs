using Notebook.Raft.Storage.Disks;

namespace Notebook.Agent.Tests.State;

/// <summary>A folder of the real file system that is full while the test says so.</summary>
internal sealed class LimitedDisk(string folder) : IDisk
{
    private readonly FolderDisk _disk = new(folder);

    public volatile bool IsFull;

    public long FreeBytes => IsFull ? 0 : _disk.FreeBytes;

    public IReadOnlyList<string> List() => _disk.List();

    public IDiskFile Create(string name) => IsFull ? throw new DiskFullException(name, 0, 0) : new LimitedFile(this, name, _disk.Create(name));

    public IDiskFile Open(string name) => new LimitedFile(this, name, _disk.Open(name));

    public void Delete(string name) => _disk.Delete(name);

    public void Rename(string from, string to) => _disk.Rename(from, to);

    public void SyncDirectory() => _disk.SyncDirectory();

    public IDisposable? TryLock() => _disk.TryLock();

    private sealed class LimitedFile(LimitedDisk disk, string name, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> buffer) => file.Read(offset, buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (disk.IsFull) throw new DiskFullException(name, bytes.Length, 0);
            file.Write(offset, bytes);
        }

        public void Truncate(long length) => file.Truncate(length);

        public void Sync() => file.Sync();

        public void Dispose() => file.Dispose();
    }
}
