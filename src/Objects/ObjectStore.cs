using System.Collections.Immutable;
using Notebook.Objects.Disk;

namespace Notebook.Objects;

/// <summary>
/// The content-addressed store of one server: values over 64 KiB of its kernels' states, in chunks named by their hashes.
/// A chunk that several values, versions or kernels have in common is kept once.
/// <para>
/// What it promises. A chunk that is read is what was put, to the byte, or it is reported missing. A put is all or nothing.
/// A crash of the process loses nothing that was put; a power cut may, but for what <see cref="FlushAsync"/> made durable,
/// and what was lost is found out at the latest when it is read. Nothing that a live value or a <see cref="PinScope"/> names
/// is ever collected. All members may be called from any thread.
/// </para>
/// </summary>
public sealed partial class ObjectStore : IDisposable
{
    private readonly IChunkFiles _files;
    private readonly ChunkShelf _shelf;
    private readonly MemoryTier _memory;
    private readonly Lanes _lanes;
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly SemaphoreSlim _collecting = new(1);
    private readonly ObjectStoreOptions _options;
    private long _putBytes;
    private long _writtenBytes;
    private long _missedReads;

    /// <summary>Opens the store on these files, which it owns from now on. What a crash left half-written is deleted.</summary>
    public ObjectStore(IChunkFiles files, ObjectStoreOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxThreads);
        (_files, _options) = (files, options);
        _shelf = new(files, options);
        _memory = new(options.MaxMemoryBytes);
        _lanes = new(options.MaxThreads);
    }

    /// <summary>What the store holds now.</summary>
    public ObjectStoreStatus Status
    {
        get
        {
            var (chunks, bytes, free, damaged, quarantined) = _shelf.Status();
            return new()
            {
                Chunks = chunks,
                DiskBytes = bytes,
                FreeBytes = free,
                MemoryBytes = _memory.Bytes,
                PutBytes = Interlocked.Read(ref _putBytes),
                WrittenBytes = Interlocked.Read(ref _writtenBytes),
                DamagedChunks = damaged,
                QuarantinedFiles = quarantined,
                MissedReads = Interlocked.Read(ref _missedReads),
            };
        }
    }

    /// <summary>Opens the store in a folder, which is locked against other processes.</summary>
    /// <exception cref="IOException">Another process has it open, or it cannot be written.</exception>
    public static ObjectStore Open(string folder, ObjectStoreOptions options) => new(new DirectoryFiles(folder), options);

    /// <summary>Opens a scope that protects what is put or fetched with it until a log entry names it.</summary>
    public PinScope OpenScope() => new(_shelf);

    /// <summary>All chunks that are here, as far as is known without reading them.</summary>
    public IReadOnlyCollection<ChunkRef> Chunks => _shelf.All;

    /// <summary>Whether a chunk is here, as far as is known without reading it.</summary>
    public bool Holds(ChunkRef chunk) => _shelf.Holds(chunk);

    /// <summary>The chunks of a value that are not here, each once, in the order of the value.</summary>
    public ImmutableArray<ChunkRef> Missing(Manifest manifest) =>
        [.. manifest.Chunks.Distinct().Where(chunk => !_shelf.Holds(chunk))];

    /// <summary>Whether all chunks of a value are here.</summary>
    public bool IsComplete(Manifest manifest) => manifest.Chunks.All(_shelf.Holds);

    /// <summary>
    /// Makes chunks durable, manifests included if they are named: on return they survive a power cut. What was found at the
    /// start is read and checked first. Few chunks cost an fsync each, many cost one for the whole file system.
    /// </summary>
    public async Task<FlushOutcome> FlushAsync(IEnumerable<ObjectHash> hashes, CancellationToken stop)
    {
        await _flushing.WaitAsync(stop);
        try
        {
            return await _lanes.RunAsync(() => _shelf.Flush(hashes), stop);
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>
    /// Reads every chunk on disk; those that decayed are dropped and counted in <see cref="ObjectStoreStatus.DamagedChunks"/>.
    /// </summary>
    public Task ScrubAsync(CancellationToken stop)
    {
        var chunks = _shelf.All.ToArray();
        return _lanes.ForAsync(chunks.Length, i =>
        {
            using var buffer = new PooledBytes(chunks[i].Length);
            _shelf.Read(chunks[i], buffer.Span);
        }, stop);
    }

    /// <summary>Closes the store's files. No call may be under way.</summary>
    public void Dispose()
    {
        _files.Dispose();
        _flushing.Dispose();
        _collecting.Dispose();
    }
}
