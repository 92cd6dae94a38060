using System.Collections.Immutable;
using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Messages;

public sealed class MessageTests
{
    private const int Cases = 3000;

    [Fact]
    public void Every_message_comes_back_as_it_was_written()
    {
        var random = new Random(1);
        for (var i = 0; i < Cases; i++)
        {
            var message = Draw(random);
            var bytes = Written(message);
            var read = RaftMessage.Read(bytes);
            Assert.Equal(message.GetType(), read.GetType());
            Assert.Equal(bytes, Written(read));   // a record's own equality looks at references of byte arrays
            Assert.Equal(Plain(message), Plain(read));
        }
    }

    [Fact]
    public void No_bytes_do_more_than_be_refused()
    {
        var random = new Random(2);
        for (var i = 0; i < 20 * Cases; i++)
        {
            var bytes = Written(Draw(random));
            for (var changes = random.Next(1, 4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var length = random.Next(3) == 0 ? random.Next(bytes.Length + 1) : bytes.Length;
            try
            {
                RaftMessage.Read(bytes.AsMemory(0, length));
            }
            catch (WireFormatException)
            {
                // Any other exception would fail the test.
            }
        }
    }

    [Fact]
    public void A_message_that_is_cut_or_too_long_is_refused()
    {
        var random = new Random(3);
        for (var i = 0; i < Cases; i++)
        {
            var bytes = Written(Draw(random));
            Assert.Throws<WireFormatException>(() => RaftMessage.Read(bytes.AsMemory(0, random.Next(bytes.Length))));
            Assert.Throws<WireFormatException>(() => RaftMessage.Read(bytes.Append((byte)0).ToArray()));
        }
    }

    [Fact]
    public void Entries_whose_terms_go_back_or_pass_the_leaders_are_refused()
    {
        Assert.Throws<WireFormatException>(() => RaftMessage.Read(Written(Append(term: 5, previous: new(3, 7), entryTerm: 2))));
        Assert.Throws<WireFormatException>(() => RaftMessage.Read(Written(Append(term: 5, previous: new(3, 7), entryTerm: 6))));
        RaftMessage.Read(Written(Append(term: 5, previous: new(3, 7), entryTerm: 5)));
    }

    private static AppendRequest Append(long term, EntryId previous, long entryTerm) =>
        new(new(1), new(2), term, previous, 0, [new Entry(new(entryTerm, previous.Index + 1), EntryKind.Data, new byte[3])]);

    private static byte[] Written(RaftMessage message)
    {
        var bytes = new byte[message.Size];
        message.Write(bytes);
        return bytes;
    }

    private static string Plain(RaftMessage message) => message switch
    {
        AppendRequest append => $"{append with { Entries = [] }} {string.Join(' ', append.Entries.Select(e => $"{e.Id} {e.Kind} {Convert.ToHexString(e.Data.Span)}"))}",
        SnapshotRequest s => $"{s.Info.Last} {Convert.ToHexString(s.Info.Membership.Span)} {s.Info.Length} {s.Offset} {Convert.ToHexString(s.Data.Span)}",
        _ => message.ToString(),
    };

    private static RaftMessage Draw(Random random)
    {
        var (from, to, term) = (new MemberId(random.Next()), new MemberId(random.Next()), random.NextInt64());
        var id = new EntryId(random.NextInt64(term + 1), random.NextInt64(1L << 60));
        return random.Next(11) switch
        {
            0 => new VoteRequest(from, to, term, id, (VoteReason)random.Next(3)),
            1 => new VoteAnswer(from, to, term, random.Next(2) == 0, random.Next(2) == 0),
            2 => new AppendRequest(from, to, term, id, random.NextInt64(), Entries(random, id, term)),
            3 => new AppendAnswer(from, to, term, random.Next(2) == 0, random.NextInt64(), id),
            4 => new Heartbeat(from, to, term, random.NextInt64(), random.NextInt64()),
            5 => new HeartbeatAnswer(from, to, term, random.NextInt64()),
            6 => Snapshot(random, from, to, term, id),
            7 => new SnapshotAnswer(from, to, term, id, random.NextInt64()),
            8 => new TimeoutNow(from, to, term),
            9 => new TransferRequest(from, to, term),
            _ => new Rest(from, to, term, id),
        };
    }

    private static ImmutableArray<Entry> Entries(Random random, EntryId previous, long term)
    {
        var entries = ImmutableArray.CreateBuilder<Entry>();
        for (var count = random.Next(5); entries.Count < count; previous = entries[^1].Id)
        {
            var kind = (EntryKind)random.Next(3);
            ReadOnlyMemory<byte> data = kind == EntryKind.Membership ? Membership.Of([new(1), new(7)], [new(3)]).Write() : Bytes(random);
            entries.Add(new Entry(new(random.NextInt64(previous.Term, term + 1), previous.Index + 1), kind, data));
        }
        return entries.ToImmutable();
    }

    private static SnapshotRequest Snapshot(Random random, MemberId from, MemberId to, long term, EntryId last)
    {
        var (data, offset) = (Bytes(random), random.Next(100));
        var info = new SnapshotInfo(last, Membership.Of([new(1)]).Write(), offset + data.Length + (data.Length == 0 ? 0 : random.Next(2)));
        return new(from, to, term, data.Length == 0 ? info with { Length = 0 } : info, data.Length == 0 ? 0 : offset, data);
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(20)];
        random.NextBytes(bytes);
        return bytes;
    }
}
