namespace Notebook.Raft.Messages;

/// <summary>The leader lives; says nothing about what the follower's log holds beyond what the follower said itself.</summary>
/// <param name="From">The leader.</param>
/// <param name="To">The follower.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="Commit">The commit index, as far as the follower's log is known to match.</param>
/// <param name="Round">Numbers the leader's rounds in this term: an answer confirms the reads that waited for this round.</param>
public sealed record Heartbeat(MemberId From, MemberId To, long Term, long Commit, long Round) : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.Heartbeat;

    private protected override int BodySize => 16;

    internal static Heartbeat ReadBody(MessageHeader header, ref WireReader reader) =>
        new(header.From, header.To, header.Term, reader.Long(), reader.Long());

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.Long(Commit);
        writer.Long(Round);
    }
}
