using System.Buffers.Binary;

namespace Notebook.Raft.Messages;

/// <summary>Writes little-endian fields one after the other into bytes that are large enough: the message knew its size.</summary>
internal ref struct WireWriter(Span<byte> bytes)
{
    private Span<byte> _rest = bytes;

    public void Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_rest, value);
        _rest = _rest[4..];
    }

    public void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_rest, value);
        _rest = _rest[8..];
    }

    public void Id(EntryId id)
    {
        Long(id.Term);
        Long(id.Index);
    }

    /// <summary>A length of 4 bytes, then the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
    }
}
