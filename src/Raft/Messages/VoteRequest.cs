namespace Notebook.Raft.Messages;

/// <summary>Why a vote is asked for.</summary>
public enum VoteReason : byte
{
    /// <summary>Would you vote for me? Changes nothing at either side (Raft dissertation, section 9.6).</summary>
    PreVote = 0,

    /// <summary>The election timeout passed.</summary>
    Election = 1,

    /// <summary>The leader itself asked the sender to take over, so its lease does not count (dissertation, section 3.10).</summary>
    Transfer = 2,
}

/// <summary>A candidate asks for a vote (Raft, section 5.2).</summary>
/// <param name="From">The candidate.</param>
/// <param name="To">The voter.</param>
/// <param name="Term">The term of the election.</param>
/// <param name="Last">The candidate's last entry.</param>
/// <param name="Reason">Why.</param>
public sealed record VoteRequest(MemberId From, MemberId To, long Term, EntryId Last, VoteReason Reason)
    : RaftMessage(From, To, Term)
{
    private protected override MessageKind Kind => MessageKind.VoteRequest;

    private protected override int BodySize => 16 + 1;

    internal static VoteRequest ReadBody(MessageHeader header, ref WireReader reader)
    {
        var last = reader.Id();
        var reason = (VoteReason)reader.Byte();
        if (reason > VoteReason.Transfer) throw new WireFormatException($"no vote has the reason {(byte)reason}");
        return new(header.From, header.To, header.Term, last, reason);
    }

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.Id(Last);
        writer.Byte((byte)Reason);
    }
}
