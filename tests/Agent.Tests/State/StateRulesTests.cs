using System.Collections.Immutable;
using Notebook.Agent.State;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Tests.State;

public sealed class StateRulesTests
{
    private readonly StateRules _rules = new();

    [Fact]
    public void A_change_of_the_leading_epoch_that_follows_the_last_one_counts()
    {
        Assert.Equal(Applied.Accepted, _rules.Apply(new StateEntry.Lead(1, 2, 1)));
        Assert.Equal(Applied.Accepted, _rules.Apply(Change(1, 1)));
        Assert.Equal(Applied.Accepted, _rules.Apply(Change(1, 2)));
        Assert.Equal((1L, 2, 2L), (_rules.Epoch, _rules.Leader, _rules.Sequence));
    }

    [Fact]
    public void A_change_of_an_executor_that_lost_the_lead_does_not_count()
    {
        _rules.Apply(new StateEntry.Lead(1, 2, 1));
        _rules.Apply(new StateEntry.Lead(2, 3, 2));
        Assert.Equal(Applied.Stale, _rules.Apply(Change(1, 1)));
        Assert.Equal(0, _rules.Sequence);
    }

    [Fact]
    public void What_happens_between_two_cells_leaves_it_known_how_the_last_one_ended()
    {
        _rules.Apply(new StateEntry.Lead(1, 2, 5));
        _rules.Apply(Change(5, 1) with { Cell = Cell(1) });
        Assert.Equal(Applied.Accepted, _rules.Apply(Change(5, 2) with { Execution = StateEntry.NoExecution }));
        Assert.Equal((2L, "m1"), (_rules.Sequence, _rules.LastCell?.MessageId));
    }

    [Fact]
    public void A_change_that_does_not_follow_the_last_one_does_not_count()
    {
        _rules.Apply(new StateEntry.Lead(1, 2, 1));
        Assert.Equal(Applied.Stale, _rules.Apply(Change(1, 2)));
        _rules.Apply(Change(1, 1));
        Assert.Equal(Applied.Stale, _rules.Apply(Change(1, 1)));
    }

    [Fact]
    public void Nobody_leads_in_an_older_epoch_and_only_one_in_each()
    {
        _rules.Apply(new StateEntry.Lead(1, 2, 5));
        Assert.Equal(Applied.Stale, _rules.Apply(new StateEntry.Lead(1, 1, 4)));
        Assert.Equal(Applied.Stale, _rules.Apply(new StateEntry.Lead(1, 1, 5)));
        Assert.Equal(Applied.Accepted, _rules.Apply(new StateEntry.Lead(2, 2, 5)));   // it leads again
        Assert.Equal((5L, 2), (_rules.Epoch, _rules.Leader));
    }

    [Fact]
    public void A_summary_counts_only_where_it_is_of_the_last_change_and_changes_nothing()
    {
        _rules.Apply(new StateEntry.Lead(1, 2, 5));
        _rules.Apply(Change(5, 1) with { Cell = Cell(1) });
        Assert.Equal(Applied.Accepted, _rules.Apply(Summary(5, 1)));
        Assert.Equal((5L, 2, 1L, "m1"), (_rules.Epoch, _rules.Leader, _rules.Sequence, _rules.LastCell?.MessageId));
        Assert.Equal(Applied.Accepted, _rules.Apply(Change(5, 2)));
        Assert.Equal(Applied.Stale, _rules.Apply(Summary(5, 1)));   // the kernel went on
        _rules.Apply(new StateEntry.Lead(3, 3, 6));
        Assert.Equal(Applied.Stale, _rules.Apply(Summary(5, 2)));   // of one that leads no more

        static StateEntry.Summary Summary(long epoch, long sequence) => new(epoch, sequence, [], default);
    }

    [Fact]
    public void Entries_are_read_as_they_were_written()
    {
        var chunk = ChunkRef.Of("large"u8);
        var lead = new StateEntry.Lead(7, 3, 9);
        Assert.Equal(lead, StateEntry.Read(lead.Write()));
        var change = new StateEntry.Change(7, 9, 11, [chunk, chunk], "inline"u8.ToArray());
        var read = Assert.IsType<StateEntry.Change>(StateEntry.Read(change.Write()));
        Assert.Equal((7L, 9L, 11L), (read.Execution, read.Epoch, read.Sequence));
        Assert.Equal<ChunkRef>([chunk, chunk], read.Blobs);
        Assert.Equal("inline"u8.ToArray(), read.Inline.ToArray());
        var summary = Assert.IsType<StateEntry.Summary>(StateEntry.Read(new StateEntry.Summary(9, 11, [chunk], "all"u8.ToArray()).Write()));
        Assert.Equal((9L, 11L, chunk), (summary.Epoch, summary.Sequence, Assert.Single(summary.Names)));
        Assert.Equal("all"u8.ToArray(), summary.Inline.ToArray());
        var snapshot = StateSnapshot.Read(new StateSnapshot(9, 3, 11, [chunk], "all"u8.ToArray()).Write());
        Assert.Equal((9L, 3, 11L, chunk), (snapshot.Epoch, snapshot.Leader, snapshot.Sequence, Assert.Single(snapshot.Blobs)));
        Assert.Equal("all"u8.ToArray(), snapshot.Inline.ToArray());
    }

    [Fact]
    public void The_last_cell_is_that_of_the_last_change_that_counts()
    {
        Assert.Null(_rules.LastCell);
        _rules.Apply(new StateEntry.Lead(1, 2, 1));
        _rules.Apply(Change(1, 1) with { Cell = Cell(1) });
        Assert.Equal("m1", _rules.LastCell?.MessageId);
        _rules.Apply(new StateEntry.Lead(2, 3, 2));
        _rules.Apply(Change(1, 2) with { Cell = Cell(2) });   // of the executor that lost the lead
        Assert.Equal("m1", _rules.LastCell?.MessageId);
        _rules.Apply(Change(2, 2) with { Cell = Cell(3) });
        Assert.Equal("m3", _rules.LastCell?.MessageId);
        _rules.Apply(Change(2, 3));   // of a release that did not note it
        Assert.Null(_rules.LastCell);
        _rules.Restore(5, 1, 9, Cell(8));
        Assert.Equal("m8", _rules.LastCell?.MessageId);
    }

    [Fact]
    public void A_cells_end_is_read_as_it_was_written()
    {
        var chunk = ChunkRef.Of("large"u8);
        var change = new StateEntry.Change(7, 9, 11, [chunk], "inline"u8.ToArray(), Cell(7));
        var read = Assert.IsType<StateEntry.Change>(StateEntry.Read(change.Write()));
        AssertSame(Cell(7), read.Cell);
        Assert.Equal(chunk, Assert.Single(read.Blobs));
        Assert.Equal("inline"u8.ToArray(), read.Inline.ToArray());

        var written = new StateSnapshot(9, 3, 11, [chunk], "all"u8.ToArray(), Cell(7)).Write();
        var snapshot = StateSnapshot.Read(written);
        AssertSame(Cell(7), snapshot.LastCell);
        Assert.Equal("all"u8.ToArray(), snapshot.Inline.ToArray());
        Assert.Equal(chunk, Assert.Single(StateSnapshot.ReadBlobs((offset, bytes) => written.Slice((int)offset, Math.Min(bytes, written.Length - (int)offset)))));
    }

    [Fact]
    public void Every_cut_cells_end_is_refused()
    {
        var entry = (Change(1, 1) with { Cell = Cell(1) }).Write();
        for (var length = 0; length < entry.Length; length++) Assert.Throws<InvalidDataException>(() => StateEntry.Read(entry[..length]));
        var snapshot = new StateSnapshot(1, 1, 1, [], default, Cell(1)).Write();
        for (var length = 0; length < snapshot.Length; length++) Assert.Throws<InvalidDataException>(() => StateSnapshot.Read(snapshot[..length]));
    }

    [Fact]
    public void Every_cut_entry_is_refused()
    {
        var bytes = Change(1, 1, ChunkRef.Of("x"u8)).Write();
        for (var length = 0; length < StateEntry.Change.FixedSize + ChunkRef.Size; length++)
            Assert.Throws<InvalidDataException>(() => StateEntry.Read(bytes[..length]));
        var all = new StateSnapshot(1, 1, 1, [ChunkRef.Of("x"u8)], default).Write();
        for (var length = 0; length < all.Length; length++)
            Assert.Throws<InvalidDataException>(() => StateSnapshot.Read(all[..length]));
    }

    private static EndedCell Cell(long number) => new(number, $"m{number}", 1 << 20, """{"status":"ok"}"""u8.ToArray(), new CellDefault { Request = new Resources { Gpus = 2 } });

    private static void AssertSame(EndedCell expected, EndedCell? found)
    {
        Assert.Equal((expected.Execution, expected.MessageId, expected.LargeBytes), (found!.Execution, found.MessageId, found.LargeBytes));
        Assert.Equal(expected.Reply.ToArray(), found.Reply.ToArray());
        Assert.Equal(expected.CellDefault, found.CellDefault);
    }

    private static StateEntry.Change Change(long epoch, long sequence, params ImmutableArray<ChunkRef> blobs) =>
        new(1, epoch, sequence, blobs, ReadOnlyMemory<byte>.Empty);
}
