using System.Collections.Immutable;

namespace Notebook.Raft.Messages;

/// <summary>The leader hands entries to a follower (Raft, section 5.3). Without entries it asks whether the logs match.</summary>
/// <param name="From">The leader.</param>
/// <param name="To">The follower.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="Previous">The entry before the first of <paramref name="Entries"/>.</param>
/// <param name="Commit">The leader's commit index.</param>
/// <param name="Entries">Entries without gaps, from <paramref name="Previous"/> on.</param>
public sealed record AppendRequest(
    MemberId From, MemberId To, long Term, EntryId Previous, long Commit, ImmutableArray<Entry> Entries)
    : RaftMessage(From, To, Term)
{
    private const int EntryHeaderBytes = 8 + 1 + 4;

    private protected override MessageKind Kind => MessageKind.AppendRequest;

    private protected override int BodySize
    {
        get
        {
            var size = 16 + 8 + 4 + EntryHeaderBytes * Entries.Length;
            foreach (var entry in Entries) size += entry.Data.Length;
            return size;
        }
    }

    internal static AppendRequest ReadBody(MessageHeader header, ref WireReader reader)
    {
        var previous = reader.Id();
        var commit = reader.Long();
        var count = reader.Int();
        if (count > reader.Left / EntryHeaderBytes)
            throw new WireFormatException($"{count} entries announced in {reader.Left} bytes");
        var entries = ImmutableArray.CreateBuilder<Entry>(count);
        for (var last = previous; entries.Count < count; last = entries[^1].Id)
            entries.Add(ReadEntry(header, last, ref reader));
        return new(header.From, header.To, header.Term, previous, commit, entries.MoveToImmutable());
    }

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.Id(Previous);
        writer.Long(Commit);
        writer.Int(Entries.Length);
        foreach (var entry in Entries)
        {
            writer.Long(entry.Id.Term);
            writer.Byte((byte)entry.Kind);
            writer.Bytes(entry.Data.Span);
        }
    }

    private static Entry ReadEntry(MessageHeader header, EntryId previous, ref WireReader reader)
    {
        var id = new EntryId(reader.Long(), previous.Index + 1);
        if (id.Term < previous.Term || id.Term > header.Term)
            throw new WireFormatException($"entry {id} cannot follow {previous} in term {header.Term}");
        var kind = (EntryKind)reader.Byte();
        if (kind > EntryKind.Membership) throw new WireFormatException($"no entry has the kind {(byte)kind}");
        var data = reader.Bytes();
        if (kind == EntryKind.Membership) _ = Membership.Read(data);   // a bad one must not get into the log
        return new(id, kind, data);
    }
}
