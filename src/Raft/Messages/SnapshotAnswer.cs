namespace Notebook.Raft.Messages;

/// <summary>Where a follower wants a snapshot to go on: after a piece it took, or after one that it could not use.</summary>
/// <param name="From">The follower.</param>
/// <param name="To">The leader.</param>
/// <param name="Term">The term of both.</param>
/// <param name="Last">Names the snapshot: the last entry that it covers.</param>
/// <param name="NextOffset">The first byte that the follower does not have.</param>
public sealed record SnapshotAnswer(MemberId From, MemberId To, long Term, EntryId Last, long NextOffset)
    : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.SnapshotAnswer;

    private protected override int BodySize => 16 + 8;

    internal static SnapshotAnswer ReadBody(MessageHeader header, ref WireReader reader) =>
        new(header.From, header.To, header.Term, reader.Id(), reader.Long());

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.Id(Last);
        writer.Long(NextOffset);
    }
}
