namespace Notebook.Raft.Messages;

/// <summary>The answer to an <see cref="AppendRequest"/>, and to the last piece of a snapshot.</summary>
/// <param name="From">The follower.</param>
/// <param name="To">The leader.</param>
/// <param name="Term">The follower's term.</param>
/// <param name="Accepted">Whether the logs match up to <paramref name="Index"/>, which is then on the follower's disk.</param>
/// <param name="Index">Accepted: the matching index. Refused: the index that did not match.</param>
/// <param name="Hint">
/// Refused: an entry of the follower, the last at which the logs may match, so that the leader goes back over a whole
/// term at a time (Raft, end of section 5.3). Accepted: (0, 0).
/// </param>
public sealed record AppendAnswer(MemberId From, MemberId To, long Term, bool Accepted, long Index, EntryId Hint)
    : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.AppendAnswer;

    private protected override int BodySize => 1 + 8 + 16;

    internal static AppendAnswer ReadBody(MessageHeader header, ref WireReader reader) =>
        new(header.From, header.To, header.Term, reader.Flag(), reader.Long(), reader.Id());

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.Flag(Accepted);
        writer.Long(Index);
        writer.Id(Hint);
    }
}
