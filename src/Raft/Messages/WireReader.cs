using System.Buffers.Binary;

namespace Notebook.Raft.Messages;

/// <summary>Reads what <see cref="WireWriter"/> wrote; every length and sign is checked before it is used.</summary>
internal ref struct WireReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1).Span[0];

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new WireFormatException($"{other} where 0 or 1 belongs"),
    };

    /// <summary>A number that is not negative, as all of ours are.</summary>
    public int Int()
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);
        return value >= 0 ? value : throw new WireFormatException($"the number {value} is negative");
    }

    /// <summary>A number that is not negative, as all of ours are.</summary>
    public long Long()
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);
        return value >= 0 ? value : throw new WireFormatException($"the number {value} is negative");
    }

    public EntryId Id() => new(Long(), Long());

    public MemberId Member() => new(Int());

    public ReadOnlyMemory<byte> Bytes() => Take(Int());

    /// <summary>Nothing may follow: bytes that nobody read mean that reader and writer do not agree.</summary>
    public readonly void End()
    {
        if (_rest.Length != 0) throw new WireFormatException($"{_rest.Length} bytes are left over");
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > _rest.Length) throw new WireFormatException($"{length} bytes announced, {_rest.Length} there");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
