using Google.Protobuf;
using Notebook.Links.Protocol;

namespace Notebook.Rig.Faults;

/// <summary>Finds out who dials from the first bytes of a link: an HTTP request, then a masked WebSocket frame with a hello.</summary>
internal sealed class HelloReader
{
    private const int MaxBytes = 64 << 10;
    private const byte LengthBits = 0x7f, Masked = 0x80, TwoByteLength = 126;
    private readonly List<byte> _bytes = [];

    /// <summary>Takes the next bytes.</summary>
    /// <returns>The role for a silo or gateway, the id for an agent; null while not enough has come.</returns>
    /// <exception cref="IOException">This is no link of ours.</exception>
    public string? Feed(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        if (_bytes.Count > MaxBytes) throw new IOException($"no hello in {_bytes.Count} bytes");
        ReadOnlySpan<byte> all = _bytes.ToArray();
        var end = all.IndexOf("\r\n\r\n"u8);
        return end < 0 ? null : Payload(all[(end + 4)..]) is { } payload ? NameOf(payload) : null;
    }

    private static byte[]? Payload(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 2) return null;
        if ((frame[1] & Masked) == 0) throw new IOException("a client's frame without a mask");
        var length = frame[1] & LengthBits;
        var at = 2;
        if (length == TwoByteLength)
        {
            if (frame.Length < 4) return null;
            (length, at) = ((frame[2] << 8) | frame[3], 4);
        }

        if (length > TwoByteLength && at == 2) throw new IOException("a hello of more than 64 KiB");
        if (frame.Length < at + 4 + length) return null;
        var mask = frame.Slice(at, 4);
        var payload = frame.Slice(at + 4, length).ToArray();
        for (var i = 0; i < payload.Length; i++) payload[i] ^= mask[i % 4];
        return payload;
    }

    private static string NameOf(byte[] payload)
    {
        try
        {
            var hello = HandshakeFrame.Parser.ParseFrom(payload).Hello ?? throw new IOException("the first frame is no hello");
            return hello.Role == "agent" ? hello.Id : hello.Role;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new IOException("the first frame is none of ours", e);
        }
    }
}
