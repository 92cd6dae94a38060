using System.Collections.Immutable;
using Notebook.Objects.Disk;

namespace Notebook.Objects;

internal sealed partial class ChunkShelf
{
    /// <summary>Makes chunks durable. One call at a time.</summary>
    internal FlushOutcome Flush(IEnumerable<ObjectHash> hashes)
    {
        var (missing, dirty) = (ImmutableArray.CreateBuilder<ObjectHash>(), new List<(ObjectHash Hash, ShelvedChunk Chunk)>());
        try
        {
            foreach (var hash in hashes)
            {
                if (Refresh(hash) is not { } chunk) missing.Add(hash);
                else if (chunk.Condition != ChunkCondition.Durable) dirty.Add((hash, chunk));
            }
            if (dirty.Count > 0) _files.Sync([.. dirty.Select(chunk => ChunkNames.Of(chunk.Hash))]);
        }
        catch (IOException e)
        {
            Mark(dirty, ChunkCondition.Suspect);
            return new FlushOutcome.Failed(e.Message);
        }
        Mark(dirty, ChunkCondition.Durable);
        return missing.Count == 0 ? new FlushOutcome.Durable() : new FlushOutcome.Missing(missing.ToImmutable());
    }

    // The chunk in good or durable condition; null when there is none. What a failed flush left is written again.
    private ShelvedChunk? Refresh(ObjectHash hash)
    {
        if (Find(hash) is not { } found || !Check(new(hash, found.Length))) return null;
        if (found.Condition != ChunkCondition.Suspect) return Find(hash);

        var chunk = new ChunkRef(hash, found.Length);
        using var buffer = new PooledBytes(chunk.Length);
        if (!Read(chunk, buffer.Span)) return null;
        var temporary = WriteTemporary(chunk, buffer.Span);
        lock (_gate)
        {
            _chunks.TryGetValue(hash, out var present);
            Publish(chunk, temporary, present);
            return _chunks[hash];
        }
    }

    private ShelvedChunk? Find(ObjectHash hash)
    {
        lock (_gate) return _chunks.GetValueOrDefault(hash);
    }

    private void Mark(List<(ObjectHash Hash, ShelvedChunk Chunk)> chunks, ChunkCondition condition)
    {
        lock (_gate)
        {
            foreach (var (_, chunk) in chunks) chunk.Condition = condition;
        }
    }
}
