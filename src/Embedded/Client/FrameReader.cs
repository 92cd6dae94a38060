using System.Buffers.Binary;
using System.Text;

namespace Notebook.Embedded.Client;

/// <summary>Reads what <see cref="FrameWriter"/> wrote; lengths are checked before they are used.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Take(1)[0];

    public long Number() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public string Text() => Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)))));

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw new GrainProtocolException($"a message ends early: {length} more bytes were to come, {_rest.Length} are there");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
