using System.Diagnostics.CodeAnalysis;
using Notebook.Objects.Disk;

namespace Notebook.Objects;

/// <summary>
/// The chunks on disk: which there are, how far each can be relied on, who holds on to it, and how much room is left.
/// <para>
/// One file for each chunk, named by its hash. A chunk is written under a temporary name and renamed when it is complete,
/// so that a crash leaves either all of it or a temporary file, which the next start deletes. Whatever is read is checked
/// against its name first. The index is in memory and is nothing but the list of files: there is nothing to keep in step.
/// </para>
/// <para>
/// Renames and deletions happen under the one lock, together with the change of the index, so that a collection cannot
/// delete the file that a put has just renamed. Reading and writing of bytes happen outside.
/// </para>
/// </summary>
internal sealed partial class ChunkShelf
{
    private const int MaxQuarantinedFiles = 64;

    private readonly Lock _gate = new();
    private readonly IChunkFiles _files;
    private readonly ObjectStoreOptions _options;
    private readonly Dictionary<ObjectHash, ShelvedChunk> _chunks = [];
    private readonly Dictionary<ObjectHash, int> _pins = [];
    private readonly HashSet<ObjectHash> _quarantined = [];

    // The sum of the chunks' lengths, and what puts under way may still add to it.
    private long _bytes;
    private long _reserved;
    private long _epoch = 1;
    private long _lastTemporary;
    private long _damaged;

    internal ChunkShelf(IChunkFiles files, ObjectStoreOptions options)
    {
        (_files, _options) = (files, options);
        foreach (var (name, length) in files.List().ToList())
        {
            if (ChunkNames.TryParse(name, out var hash)) Shelve(hash, length);
            else if (ChunkNames.IsQuarantine(name) && ObjectHash.TryParse(Path.GetFileName(name.AsSpan()), out hash)) _quarantined.Add(hash);
            else if (ChunkNames.IsTemporary(name)) files.Delete(name);
        }
    }

    internal IReadOnlyCollection<ChunkRef> All
    {
        get
        {
            lock (_gate) return [.. _chunks.Select(chunk => new ChunkRef(chunk.Key, chunk.Value.Length))];
        }
    }

    internal bool Holds(ChunkRef chunk)
    {
        lock (_gate) return IsThere(chunk, out _);
    }

    internal (int Chunks, long Bytes, long Free, long Damaged, int Quarantined) Status()
    {
        lock (_gate) return (_chunks.Count, _bytes, Math.Max(0, Free()), _damaged, _quarantined.Count);
    }

    /// <summary>Reads a chunk into a buffer of its length. False when it is not there, or was found damaged: then it is no longer there.</summary>
    internal bool Read(ChunkRef chunk, Span<byte> to)
    {
        ShelvedChunk? shelved;
        lock (_gate)
        {
            if (!_chunks.TryGetValue(chunk.Hash, out shelved)) return false;
        }
        var isGood = ReadFile(chunk, to) && ObjectHash.Of(to) == chunk.Hash;
        if (isGood) Trust(shelved);
        // A name that asks for another length than a good chunk's is a lie, and no reason to drop the chunk.
        else if (shelved.Length == chunk.Length || !shelved.IsTrusted) Drop(chunk.Hash, shelved);
        return isGood;
    }

    /// <summary>Reads a chunk into memory of its own; null where the other overload says false.</summary>
    internal VerifiedChunk? Read(ChunkRef chunk)
    {
        if (!Holds(chunk)) return null;   // no memory for a length that nobody has seen
        var bytes = new byte[chunk.Length];
        return Read(chunk, bytes) ? VerifiedChunk.Trust(chunk, bytes) : null;
    }

    /// <summary>Whether a chunk that was found at the start is what its name says. Reads it if that is not known yet.</summary>
    internal bool Check(ChunkRef chunk)
    {
        lock (_gate)
        {
            if (!IsThere(chunk, out var shelved)) return false;
            if (shelved.Condition != ChunkCondition.Found) return true;
        }
        using var buffer = new PooledBytes(chunk.Length);
        return Read(chunk, buffer.Span);
    }

    private bool ReadFile(ChunkRef chunk, Span<byte> to)
    {
        try
        {
            return _files.Read(ChunkNames.Of(chunk.Hash), to) == chunk.Length;
        }
        catch (IOException)
        {
            return false;   // a bad block: the same as bytes that decayed
        }
    }

    private void Trust(ShelvedChunk shelved)
    {
        lock (_gate)
        {
            if (shelved.Condition == ChunkCondition.Found) shelved.Condition = ChunkCondition.Good;
        }
    }

    private void Drop(ObjectHash hash, ShelvedChunk shelved)
    {
        lock (_gate)
        {
            // Another thread may have collected it, dropped it or put a good one in its place meanwhile.
            if (!_chunks.TryGetValue(hash, out var present) || present != shelved) return;
            _chunks.Remove(hash);
            _bytes -= shelved.Length;
            SetAside(hash);
        }
    }

    // Keeps some damaged files, for whoever wants to know what the disk did to them.
    private void SetAside(ObjectHash hash)
    {
        _damaged++;
        var name = ChunkNames.Of(hash);
        if (_files.Read(name, []) is null) return;
        if (_quarantined.Count < MaxQuarantinedFiles && _quarantined.Add(hash)) _files.Rename(name, ChunkNames.QuarantineOf(hash));
        else _files.Delete(name);
    }

    private void Shelve(ObjectHash hash, long length)
    {
        if (length is < 1 or > ChunkRef.MaxLength)
        {
            SetAside(hash);
            return;
        }
        _chunks[hash] = new((int)length, ChunkCondition.Found, touched: 0);
        _bytes += length;
    }

    private bool IsThere(ChunkRef chunk, [NotNullWhen(true)] out ShelvedChunk? shelved) =>
        _chunks.TryGetValue(chunk.Hash, out shelved) && shelved.Length == chunk.Length;

    private long Free() =>
        Math.Min(_options.MaxDiskBytes - _bytes, _files.FreeBytes - _options.MinFreeDiskBytes) - _reserved;
}
