namespace Notebook.Raft.Messages;

/// <summary>The follower lives, and knew of no higher term when it answered this round.</summary>
/// <param name="From">The follower.</param>
/// <param name="To">The leader.</param>
/// <param name="Term">The term of both.</param>
/// <param name="Round">The round of the heartbeat.</param>
public sealed record HeartbeatAnswer(MemberId From, MemberId To, long Term, long Round) : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.HeartbeatAnswer;

    private protected override int BodySize => 8;

    internal static HeartbeatAnswer ReadBody(MessageHeader header, ref WireReader reader) =>
        new(header.From, header.To, header.Term, reader.Long());

    private protected override void WriteBody(ref WireWriter writer) => writer.Long(Round);
}
