namespace Notebook.Raft.Messages;

/// <summary>A follower asks the leader to hand leadership over to it: its replica is to be the executor.</summary>
/// <param name="From">Who wants to lead.</param>
/// <param name="To">The leader.</param>
/// <param name="Term">The term of both.</param>
public sealed record TransferRequest(MemberId From, MemberId To, long Term) : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.TransferRequest;

    private protected override int BodySize => 0;

    private protected override void WriteBody(ref WireWriter writer)
    {
        // The header says it all.
    }
}
