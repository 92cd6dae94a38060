using System.Buffers.Binary;
using Notebook.Raft.Messages;

namespace Notebook.Raft.Runtime;

/// <summary>A message with its group, as it stands in a frame.</summary>
internal readonly record struct GroupMessage(GroupId Group, RaftMessage Message)
{
    /// <summary>Bytes that it takes in a frame.</summary>
    public int Size => PeerFrame.EnvelopeBytes + Message.Size;
}

/// <summary>
/// What travels between two agents: a version, then messages of any groups, each behind its group and its length, so that
/// a round of heartbeats of a thousand groups is one frame.
/// </summary>
internal static class PeerFrame
{
    /// <summary>The version that we speak.</summary>
    public const byte Version = 1;

    /// <summary>Bytes of the group and the length before each message.</summary>
    public const int EnvelopeBytes = GroupBytes + 4;

    private const int GroupBytes = 16;

    /// <summary>The frame of some messages.</summary>
    public static byte[] Write(ReadOnlySpan<GroupMessage> messages)
    {
        var size = 1;
        foreach (var message in messages) size += message.Size;
        var frame = new byte[size];
        frame[0] = Version;
        var rest = frame.AsSpan(1);
        foreach (var (group, message) in messages)
        {
            group.Value.TryWriteBytes(rest, bigEndian: true, out _);
            BinaryPrimitives.WriteInt32LittleEndian(rest[GroupBytes..], message.Size);
            message.Write(rest.Slice(EnvelopeBytes, message.Size));
            rest = rest[(EnvelopeBytes + message.Size)..];
        }
        return frame;
    }

    /// <summary>The next message of a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="offset">Where the message begins, the first behind the version; afterwards where the next one does.</param>
    /// <exception cref="WireFormatException">There is none.</exception>
    public static GroupMessage Read(ReadOnlyMemory<byte> frame, ref int offset)
    {
        var rest = frame[offset..];
        if (rest.Length < EnvelopeBytes) throw new WireFormatException($"{rest.Length} bytes where a message begins");
        var group = new GroupId(new Guid(rest.Span[..GroupBytes], bigEndian: true));
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span[GroupBytes..]);
        if (length < 0 || length > rest.Length - EnvelopeBytes)
            throw new WireFormatException($"a message of {length} bytes announced, {rest.Length - EnvelopeBytes} there");
        var bytes = rest.Slice(EnvelopeBytes, length);
        offset += EnvelopeBytes + length;

        // A message keeps parts of its bytes, for as long as the log keeps its entries in memory. They must not keep the
        // rest of a large frame with them.
        if (length < frame.Length / 2) bytes = bytes.ToArray();
        return new(group, RaftMessage.Read(bytes));
    }
}
