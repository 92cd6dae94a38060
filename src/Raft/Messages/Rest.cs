namespace Notebook.Raft.Messages;

/// <summary>All members have all entries and all are committed: no ticks and no messages until somebody needs the group.</summary>
/// <param name="From">The leader.</param>
/// <param name="To">The follower.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="Last">The last entry of all members. A follower that has another does not rest.</param>
public sealed record Rest(MemberId From, MemberId To, long Term, EntryId Last) : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.Rest;

    private protected override int BodySize => 16;

    internal static Rest ReadBody(MessageHeader header, ref WireReader reader) =>
        new(header.From, header.To, header.Term, reader.Id());

    private protected override void WriteBody(ref WireWriter writer) => writer.Id(Last);
}
