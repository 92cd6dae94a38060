using System.Buffers.Binary;
using Google.Protobuf;

namespace Notebook.Links;

/// <summary>
/// A large message on its way out. Its first frame has what surrounds the parts, and how long each is (32-bit little-endian
/// numbers): <code>n | n lengths | protobuf</code> The frames after it have the parts' bytes, one after another, and are
/// views of the sender's memory. <see cref="ArrivingMessage"/> is the other side.
/// </summary>
internal sealed class DepartingMessage
{
    private readonly ReadOnlyMemory<byte>[] _parts;
    private int _part;   // that is under way
    private int _at;     // its first byte that has not left

    public DepartingMessage(ICarriesJupyter message)
    {
        (var around, _parts) = LargeParts.Detach(message);
        var start = sizeof(uint) * (_parts.Length + 1);
        Beginning = new byte[start + around.CalculateSize()];
        BinaryPrimitives.WriteUInt32LittleEndian(Beginning, (uint)_parts.Length);
        for (var i = 0; i < _parts.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(Beginning.AsSpan(sizeof(uint) * (i + 1)), (uint)_parts[i].Length);
        around.WriteTo(Beginning.AsSpan(start));
        SkipFull();
    }

    /// <summary>Its first frame.</summary>
    public byte[] Beginning { get; }

    /// <summary>Whether all of it has been taken.</summary>
    public bool HasLeft => _part == _parts.Length;

    /// <summary>The next bytes, at most so many; not empty until all have left.</summary>
    public ReadOnlyMemory<byte> Next(int most)
    {
        var piece = _parts[_part].Slice(_at, Math.Min(most, _parts[_part].Length - _at));
        _at += piece.Length;
        SkipFull();
        return piece;
    }

    private void SkipFull()
    {
        while (_part < _parts.Length && _at == _parts[_part].Length) (_part, _at) = (_part + 1, 0);
    }
}
