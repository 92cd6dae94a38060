using System.Buffers.Binary;
using Notebook.JupyterWire;

namespace Notebook.Links;

/// <summary>
/// A large message of which not all has come (<see cref="DepartingMessage"/>): what surrounds its parts, and for each part
/// as much room as it needs, into which its bytes are read from the socket.
/// </summary>
internal sealed class ArrivingMessage
{
    private const int MaxParts = 16 << 10;
    private readonly byte[][] _parts;
    private int _part;   // that is being filled
    private int _at;     // its first byte that has not come

    private ArrivingMessage(byte[] around, byte[][] parts)
    {
        (Around, _parts) = (around, parts);
        Missing = parts.Sum(part => (long)part.Length);
    }

    /// <summary>What surrounds the parts.</summary>
    public byte[] Around { get; }

    /// <summary>The parts; theirs is the memory.</summary>
    public ReadOnlyMemory<byte>[] Parts => [.. _parts.Select(part => (ReadOnlyMemory<byte>)part)];

    /// <summary>Whether the first part has come, which is the content.</summary>
    public bool HasContent => _part > 0 || _at == _parts[0].Length;

    /// <summary>How many bytes are still to come.</summary>
    public long Missing { get; private set; }

    /// <summary>Where the next bytes belong; not empty while any are missing.</summary>
    public Memory<byte> Room
    {
        get
        {
            while (_part < _parts.Length && _at == _parts[_part].Length) (_part, _at) = (_part + 1, 0);
            return _part < _parts.Length ? _parts[_part].AsMemory(_at) : default;
        }
    }

    /// <summary>Reads a first frame.</summary>
    /// <param name="beginning">The frame.</param>
    /// <param name="limit">How many bytes the message may have.</param>
    /// <param name="fault">What is wrong with it, when null is returned.</param>
    public static ArrivingMessage? TryBegin(ReadOnlySpan<byte> beginning, long limit, out string? fault)
    {
        var count = beginning.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(beginning);
        var start = sizeof(uint) * (count + 1L);
        fault = count is 0 or > MaxParts ? $"a large message of {count} parts, not 1 to {MaxParts}"
            : start > beginning.Length ? $"a large message that is too short for the lengths of its {count} parts"
            : null;
        if (fault is not null) return null;

        var sizes = new uint[count];
        long all = beginning.Length;
        for (var i = 0; i < sizes.Length; i++) all += sizes[i] = BinaryPrimitives.ReadUInt32LittleEndian(beginning[(sizeof(uint) * (i + 1))..]);
        fault = all > limit ? $"a large message of {all} bytes, at most {limit} are taken"
            : all == beginning.Length ? "a large message whose parts are empty"
            : null;
        if (fault is not null) return null;
        return new(beginning[(int)start..].ToArray(), [.. sizes.Select(size => LargeMemory.Allocate((int)size))]);
    }

    /// <summary>So many bytes have come into <see cref="Room"/>.</summary>
    public void Advance(int count)
    {
        _at += count;
        Missing -= count;
    }

    /// <summary>Takes bytes that were read elsewhere; not more than are missing.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = Room.Span;
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }
}
