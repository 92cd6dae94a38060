using Notebook.Raft.Storage;

namespace Notebook.Raft.Messages;

/// <summary>A piece of the leader's snapshot, for a follower that needs entries which the leader has discarded (Raft, section 7).</summary>
/// <param name="From">The leader.</param>
/// <param name="To">The follower.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="Info">The whole snapshot.</param>
/// <param name="Offset">Where the piece belongs.</param>
/// <param name="Data">Its bytes; the piece that reaches the snapshot's length is the last.</param>
public sealed record SnapshotRequest(
    MemberId From, MemberId To, long Term, SnapshotInfo Info, long Offset, ReadOnlyMemory<byte> Data)
    : RaftMessage(From, To, Term)
{
    /// <summary>Whether the snapshot is complete with it.</summary>
    public bool IsLast => Offset + Data.Length == Info.Length;

    private protected override MessageKind Kind => MessageKind.SnapshotRequest;

    private protected override int BodySize => 16 + 4 + Info.Membership.Length + 8 + 8 + 4 + Data.Length;

    internal static SnapshotRequest ReadBody(MessageHeader header, ref WireReader reader)
    {
        var info = new SnapshotInfo(reader.Id(), reader.Bytes(), reader.Long());
        var offset = reader.Long();
        var data = reader.Bytes();
        if (offset > info.Length || data.Length > info.Length - offset || (data.Length == 0 && info.Length != 0))
            throw new WireFormatException($"{data.Length} bytes at {offset} in a snapshot of {info.Length}");
        _ = Membership.Read(info.Membership);   // a bad one must not get onto the disk
        return new(header.From, header.To, header.Term, info, offset, data);
    }

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.Id(Info.Last);
        writer.Bytes(Info.Membership.Span);
        writer.Long(Info.Length);
        writer.Long(Offset);
        writer.Bytes(Data.Span);
    }
}
