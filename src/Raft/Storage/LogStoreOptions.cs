namespace Notebook.Raft.Storage;

/// <summary>The sizes of a log store.</summary>
public sealed record LogStoreOptions
{
    /// <summary>Bytes after which a new segment is begun. A batch is never split, so a segment may be longer by one batch.</summary>
    public int SegmentBytes { get; init; } = 32 << 20;

    /// <summary>About how many bytes are written at once, from 1 byte to 512 MiB; a single write may be larger.</summary>
    public int BatchBytes { get; init; } = 4 << 20;

    /// <summary>Bytes of entries of all groups that are kept in memory after they were written.</summary>
    public long CacheBytes { get; init; } = 64 << 20;
}

/// <summary>Whose store a folder is.</summary>
/// <param name="Cluster">The cluster's id. A store of another cluster is refused.</param>
/// <param name="Server">The server's id. A store that was made on another server is refused: a member must not live twice.</param>
public sealed record StoreIdentity(string Cluster, string Server);

/// <summary>How much a store holds.</summary>
/// <param name="TotalBytes">Bytes of all segments.</param>
/// <param name="LiveBytes">Bytes of the records that are still needed.</param>
/// <param name="Segments">How many segments there are.</param>
public readonly record struct StoreSize(long TotalBytes, long LiveBytes, int Segments);
