namespace Notebook.Objects;

/// <summary>What an object store holds, and what happened to it since it was opened.</summary>
public sealed record ObjectStoreStatus
{
    /// <summary>Chunks on disk.</summary>
    public required int Chunks { get; init; }

    /// <summary>Their bytes.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>Bytes that can still be put.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>Bytes of chunks in memory.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of the values that were put.</summary>
    public required long PutBytes { get; init; }

    /// <summary>Bytes of them that were new.</summary>
    public required long WrittenBytes { get; init; }

    /// <summary>Chunks whose bytes on disk were found not to be what was written; each was dropped, to be fetched again.</summary>
    public required long DamagedChunks { get; init; }

    /// <summary>Damaged files kept to be looked at.</summary>
    public required int QuarantinedFiles { get; init; }

    /// <summary>Reads of chunks that were not there or damaged.</summary>
    public required long MissedReads { get; init; }

    /// <summary>How many bytes were put for each that was written; 1 when nothing was.</summary>
    public double DedupRatio => WrittenBytes == 0 ? 1 : (double)PutBytes / WrittenBytes;
}
