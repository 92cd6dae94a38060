using System.Buffers.Binary;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>The replicated state machine: a list to which numbers are appended, and a running hash over it.</summary>
internal sealed class ListMachine
{
    private readonly List<long> _values = [];
    private readonly List<ulong> _hashes = [14695981039346656037];

    public long Applied { get; private set; }

    public int Count => _values.Count;

    /// <summary>Names the list's content.</summary>
    public ulong Hash => _hashes[^1];

    public IReadOnlyList<long> Values => _values;

    public static byte[] Encode(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    public void Apply(Entry entry)
    {
        if (entry.Id.Index != Applied + 1) throw new Violation("applied in order", $"{entry.Id} after index {Applied}");
        Applied = entry.Id.Index;
        if (entry.Kind == EntryKind.Data) Add(BinaryPrimitives.ReadInt64LittleEndian(entry.Data.Span));
    }

    public byte[] Save()
    {
        var bytes = new byte[8 * _values.Count];
        for (var i = 0; i < _values.Count; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), _values[i]);
        return bytes;
    }

    public void Restore(long applied, ReadOnlySpan<byte> bytes)
    {
        _values.Clear();
        _hashes.RemoveRange(1, _hashes.Count - 1);
        for (; bytes.Length > 0; bytes = bytes[8..]) Add(BinaryPrimitives.ReadInt64LittleEndian(bytes));
        Applied = applied;
    }

    /// <summary>The hash of the list's first values.</summary>
    public ulong HashOf(int count) => _hashes[count];

    private void Add(long value)
    {
        _values.Add(value);
        _hashes.Add((_hashes[^1] ^ (ulong)value) * 1099511628211);
    }
}
