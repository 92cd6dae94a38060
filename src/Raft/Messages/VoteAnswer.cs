namespace Notebook.Raft.Messages;

/// <summary>The answer to a <see cref="VoteRequest"/>.</summary>
/// <param name="From">The voter.</param>
/// <param name="To">The candidate.</param>
/// <param name="Term">The voter's term; of a granted pre-vote, the term that was asked for.</param>
/// <param name="IsPreVote">Whether it answers a pre-vote.</param>
/// <param name="Granted">Whether the candidate has the vote.</param>
public sealed record VoteAnswer(MemberId From, MemberId To, long Term, bool IsPreVote, bool Granted)
    : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.VoteAnswer;

    private protected override int BodySize => 2;

    internal static VoteAnswer ReadBody(MessageHeader header, ref WireReader reader) =>
        new(header.From, header.To, header.Term, reader.Flag(), reader.Flag());

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.Flag(IsPreVote);
        writer.Flag(Granted);
    }
}
