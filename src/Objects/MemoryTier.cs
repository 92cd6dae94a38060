namespace Notebook.Objects;

/// <summary>The chunks that were read last, up to a number of bytes. What is in it was checked against its name once.</summary>
internal sealed class MemoryTier(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectHash, LinkedListNode<VerifiedChunk>> _nodes = [];

    // The most recently used chunk first.
    private readonly LinkedList<VerifiedChunk> _recent = [];
    private long _bytes;

    internal long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    internal VerifiedChunk? Find(ChunkRef chunk)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(chunk.Hash, out var node) || node.Value.Ref != chunk) return null;
            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value;
        }
    }

    internal void Add(VerifiedChunk chunk)
    {
        lock (_gate)
        {
            if (chunk.Ref.Length > maxBytes || _nodes.ContainsKey(chunk.Ref.Hash)) return;
            _nodes[chunk.Ref.Hash] = _recent.AddFirst(chunk);
            _bytes += chunk.Ref.Length;
            while (_bytes > maxBytes) Remove(_recent.Last!);
        }
    }

    internal void Remove(ObjectHash hash)
    {
        lock (_gate)
        {
            if (_nodes.TryGetValue(hash, out var node)) Remove(node);
        }
    }

    private void Remove(LinkedListNode<VerifiedChunk> node)
    {
        _recent.Remove(node);
        _nodes.Remove(node.Value.Ref.Hash);
        _bytes -= node.Value.Ref.Length;
    }
}
