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
    private readonly byte[][] _parts;          // without buffers that have a place of their own
    private readonly IBuffersPlace? _place;
    private IReadOnlyList<ReadOnlyMemory<byte>> _placed = [];
    private int _part;   // that is being filled
    private int _at;     // its first byte that has not come

    private ArrivingMessage(byte[] around, byte[][] parts, IBuffersPlace? place, long missing) =>
        (Around, _parts, _place, Missing) = (around, parts, place, missing);

    /// <summary>What surrounds the parts.</summary>
    public byte[] Around { get; }

    /// <summary>The parts; theirs is the memory. Buffers that have a place of their own are among them when all has come.</summary>
    public ReadOnlyMemory<byte>[] Parts => [.. _parts.Select(part => (ReadOnlyMemory<byte>)part), .. _placed];

    /// <summary>Why the message cannot be taken; null while it can.</summary>
    public string? Fault { get; private set; }

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
            return _part < _parts.Length ? _parts[_part].AsMemory(_at) : _place?.Room ?? default;
        }
    }

    /// <summary>Reads a first frame.</summary>
    /// <param name="beginning">The frame.</param>
    /// <param name="limit">How many bytes the message may have.</param>
    /// <param name="placeOf">Gives the buffers of these lengths a place of their own, or null.</param>
    /// <param name="fault">What is wrong with it, when null is returned.</param>
    public static ArrivingMessage? TryBegin(
        ReadOnlySpan<byte> beginning, long limit, Func<IReadOnlyList<int>, IBuffersPlace?>? placeOf, out string? fault)
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
        int[] lengths = [.. sizes.Select(size => (int)size)];   // within the limit, all together
        var place = placeOf?.Invoke(lengths[1..]);
        byte[][] parts = [.. (place is null ? lengths : lengths[..1]).Select(LargeMemory.Allocate)];
        return new(beginning[(int)start..].ToArray(), parts, place, all - beginning.Length);
    }

    /// <summary>So many bytes have come into <see cref="Room"/>.</summary>
    public void Advance(int count)
    {
        Missing -= count;
        try
        {
            if (_part < _parts.Length) _at += count;
            else _place?.Advance(count);
            if (Missing == 0 && _place is not null) _placed = _place.End();
        }
        catch (IOException e)
        {
            Fault = $"this machine has no room for a large message: {e.Message}";
        }
    }

    /// <summary>The rest will not come.</summary>
    public void Abandon() => _place?.Dispose();

    /// <summary>Takes bytes that were read elsewhere; not more than are missing.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Fault is null)
        {
            var room = Room.Span;
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }
}
