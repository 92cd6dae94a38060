namespace Notebook.Objects;

/// <summary>Limits of an object store.</summary>
public sealed record ObjectStoreOptions
{
    /// <summary>Most bytes of chunks on disk.</summary>
    public long MaxDiskBytes { get; init; } = 64L << 30;

    /// <summary>Bytes of the disk that the store leaves to others, the replicated log above all.</summary>
    public long MinFreeDiskBytes { get; init; } = 1L << 30;

    /// <summary>Most bytes of chunks in memory; 0 for none.</summary>
    public long MaxMemoryBytes { get; init; } = 256L << 20;

    /// <summary>Most threads that hash, read and write at a time, for all callers together.</summary>
    public int MaxThreads { get; init; } = 2;
}
