using System.Collections.Immutable;
using Notebook.Agent.State;
using Notebook.Objects;

namespace Notebook.Agent.Tests.State;

public sealed class LogReferencesTests
{
    private readonly LogReferences _references = new();

    [Fact]
    public void What_a_snapshot_replaced_is_named_until_the_snapshot_is_on_disk()
    {
        _references.Applied(1, [Chunk(1)]);
        _references.Applied(2, [Chunk(2)]);
        _references.Replaced([Chunk(2)]);
        Assert.Equal(new HashSet<ChunkRef> { Chunk(1), Chunk(2) }, Named(durable: 0));
        Assert.True(_references.HoldsReplaced);
        Assert.Equal([Chunk(2)], Named(durable: 2));
        Assert.False(_references.HoldsReplaced);
    }

    [Fact]
    public void A_snapshot_says_what_the_log_names_no_more()
    {
        _references.Applied(1, [Chunk(1), Chunk(2)]);
        Assert.Empty(_references.Replaced([Chunk(1), Chunk(2), Chunk(3)]));
        _references.Applied(2, [Chunk(4)]);
        Assert.Equal([Chunk(1), Chunk(3)], _references.Replaced([Chunk(2), Chunk(4)]).OrderBy(chunk => chunk == Chunk(3)));
        Assert.Equal([Chunk(2), Chunk(4)], _references.Restored(9, []).OrderBy(chunk => chunk == Chunk(4)));
    }

    [Fact]
    public void A_snapshot_that_the_leader_sent_takes_the_place_of_all()
    {
        _references.Applied(1, [Chunk(1)]);
        _references.Replaced([Chunk(1)]);
        _references.Applied(2, [Chunk(2)]);
        _references.Restored(9, [Chunk(3)]);
        Assert.Equal([Chunk(3)], Named(durable: 9));
        Assert.Equal(9, _references.LastApplied);
    }

    [Fact]
    public void A_snapshot_is_wanted_when_entries_hold_on_to_much_more_than_it_would_and_when_room_is_short()
    {
        _references.Applied(1, [Chunk(1)]);
        Assert.False(_references.WantsSnapshot);
        Assert.True(_references.TryAskForSnapshot());
        Assert.True(_references.TryAskForSnapshot());   // the first may have come to nothing
        Assert.True(_references.WantsSnapshot);
        _references.Replaced([Chunk(1)]);
        Assert.False(_references.WantsSnapshot);
        Assert.False(_references.TryAskForSnapshot());   // nothing came after it
        const int Many = (int)(LogReferences.MaxEntryChunkBytes / ChunkRef.MaxLength) + 1;
        for (var i = 0; i < Many; i++) _references.Applied(2 + i, [new(Chunk(i).Hash, ChunkRef.MaxLength)]);
        Assert.True(_references.WantsSnapshot);
    }

    [Fact]
    public void Only_entries_without_chunks_are_kept_for_those_who_lag()
    {
        _references.Applied(1, []);
        _references.Applied(2, [Chunk(1)]);
        Assert.Equal(0, _references.EntriesWithoutChunks);
        _references.Applied(3, []);
        _references.Applied(4, []);
        Assert.Equal(2, _references.EntriesWithoutChunks);
    }

    /// <summary>The twin keeps every entry and every snapshot: what a crash can go on from is the newest snapshot on disk and what follows.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void After_a_crash_at_any_moment_everything_that_is_needed_is_still_named(int seed)
    {
        var random = new Random(seed);
        var entries = new SortedDictionary<long, ImmutableArray<ChunkRef>>();
        var snapshots = new SortedDictionary<long, ImmutableArray<ChunkRef>> { [0] = [] };
        var (index, durable) = (0L, 0L);
        for (var step = 0; step < 2_000; step++)
        {
            switch (random.Next(6))
            {
                case 0 when _references.HasNews:
                    var state = Enumerable.Range(0, random.Next(4)).Select(_ => Chunk(random.Next(40))).ToImmutableArray();
                    _references.Replaced(state);
                    snapshots[index + random.Next(2)] = state;   // an entry of the group's own may stand between
                    break;
                case 1:
                    var known = snapshots.Keys.Where(at => at >= durable).ToArray();
                    durable = known[random.Next(known.Length)];
                    break;
                default:
                    index = Math.Max(index, snapshots.Keys.Max()) + 1;
                    entries[index] = random.Next(2) == 0 ? [] : [Chunk(random.Next(40))];
                    _references.Applied(index, entries[index]);
                    break;
            }

            var needed = snapshots[durable].Concat(entries.Where(entry => entry.Key > durable).SelectMany(entry => entry.Value));
            Assert.True(needed.ToHashSet().IsSubsetOf(Named(durable)), $"seed {seed}, step {step}");
        }
    }

    private static ChunkRef Chunk(int number) => ChunkRef.Of(BitConverter.GetBytes(number));

    private HashSet<ChunkRef> Named(long durable) => [.. _references.Take(durable).SelectMany(chunks => chunks)];
}
