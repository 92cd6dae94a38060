namespace Notebook.Raft.Messages;

/// <summary>The leader asks a follower that has all of its log to take over at once (Raft dissertation, section 3.10).</summary>
/// <param name="From">The leader.</param>
/// <param name="To">The next leader.</param>
/// <param name="Term">The term of both.</param>
public sealed record TimeoutNow(MemberId From, MemberId To, long Term) : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.TimeoutNow;

    private protected override int BodySize => 0;

    private protected override void WriteBody(ref WireWriter writer)
    {
        // The header says it all.
    }
}
