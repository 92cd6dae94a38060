using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Notebook.Embedded.Client;

/// <summary>Builds one message: numbers little-endian, texts as their length and UTF-8. <see cref="FrameReader"/> is its mirror.</summary>
internal sealed class FrameWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public FrameWriter(FrameKind kind) => Byte((byte)kind);

    /// <summary>For what writes itself, at the end of a message.</summary>
    public IBufferWriter<byte> Rest => _buffer;

    public ReadOnlyMemory<byte> Message => _buffer.WrittenMemory;

    public FrameWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public FrameWriter Number(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(sizeof(long)), value);
        _buffer.Advance(sizeof(long));
        return this;
    }

    public FrameWriter Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        var span = _buffer.GetSpan(sizeof(int) + length);
        BinaryPrimitives.WriteInt32LittleEndian(span, length);
        Encoding.UTF8.GetBytes(value, span[sizeof(int)..]);
        _buffer.Advance(sizeof(int) + length);
        return this;
    }
}
