namespace Notebook.Raft.Messages;

/// <summary>
/// What one member of a group says to another. The link that carries it knows the group and the protocol's version;
/// here are only the words. Each message has its size, its writer and its reader side by side in its own file.
/// </summary>
/// <param name="From">Who says it.</param>
/// <param name="To">To whom.</param>
/// <param name="Term">The sender's term; of a vote asked for before an election, the term it would be for.</param>
public abstract record RaftMessage(MemberId From, MemberId To, long Term)
{
    private const int HeaderBytes = 1 + 4 + 4 + 8;

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public int Size => HeaderBytes + BodySize;

    private protected abstract MessageKind Kind { get; }

    private protected abstract int BodySize { get; }

    /// <summary>Writes the message.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"{bytes.Length} bytes for a message of {Size}", nameof(bytes));
        var writer = new WireWriter(bytes);
        writer.Byte((byte)Kind);
        writer.Int(From.Value);
        writer.Int(To.Value);
        writer.Long(Term);
        WriteBody(ref writer);
    }

    /// <summary>Reads one message, which takes all of the bytes. The message keeps parts of them: do not reuse them.</summary>
    /// <exception cref="WireFormatException">The bytes are not a message.</exception>
    public static RaftMessage Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var kind = (MessageKind)reader.Byte();
        var header = new MessageHeader(reader.Member(), reader.Member(), reader.Long());
        RaftMessage message = kind switch
        {
            MessageKind.VoteRequest => VoteRequest.ReadBody(header, ref reader),
            MessageKind.VoteAnswer => VoteAnswer.ReadBody(header, ref reader),
            MessageKind.AppendRequest => AppendRequest.ReadBody(header, ref reader),
            MessageKind.AppendAnswer => AppendAnswer.ReadBody(header, ref reader),
            MessageKind.Heartbeat => Heartbeat.ReadBody(header, ref reader),
            MessageKind.HeartbeatAnswer => HeartbeatAnswer.ReadBody(header, ref reader),
            MessageKind.SnapshotRequest => SnapshotRequest.ReadBody(header, ref reader),
            MessageKind.SnapshotAnswer => SnapshotAnswer.ReadBody(header, ref reader),
            MessageKind.TimeoutNow => new TimeoutNow(header.From, header.To, header.Term),
            MessageKind.TransferRequest => new TransferRequest(header.From, header.To, header.Term),
            MessageKind.Rest => Rest.ReadBody(header, ref reader),
            _ => throw new WireFormatException($"no message has the number {(byte)kind}"),
        };
        reader.End();
        return message;
    }

    private protected abstract void WriteBody(ref WireWriter writer);
}

/// <summary>What every message begins with.</summary>
internal readonly record struct MessageHeader(MemberId From, MemberId To, long Term);

/// <summary>The first byte of a message. Numbers are never used for another meaning.</summary>
internal enum MessageKind : byte
{
    VoteRequest = 1,
    VoteAnswer = 2,
    AppendRequest = 3,
    AppendAnswer = 4,
    Heartbeat = 5,
    HeartbeatAnswer = 6,
    SnapshotRequest = 7,
    SnapshotAnswer = 8,
    TimeoutNow = 9,
    TransferRequest = 10,
    Rest = 11,
}
