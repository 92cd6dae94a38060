using System.Collections.Immutable;
using Notebook.Agent.State;
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
        var snapshot = StateSnapshot.Read(new StateSnapshot(9, 3, 11, [chunk], "all"u8.ToArray()).Write());
        Assert.Equal((9L, 3, 11L, chunk), (snapshot.Epoch, snapshot.Leader, snapshot.Sequence, Assert.Single(snapshot.Blobs)));
        Assert.Equal("all"u8.ToArray(), snapshot.Inline.ToArray());
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

    private static StateEntry.Change Change(long epoch, long sequence, params ImmutableArray<ChunkRef> blobs) =>
        new(1, epoch, sequence, blobs, ReadOnlyMemory<byte>.Empty);
}
