namespace Notebook.Raft.Tests.Core;

/// <summary>The rules on which safety rests, by the sections of the paper.</summary>
public sealed class RaftRulesTests
{
    private static readonly RaftRules Rules = RaftRules.Production;
    private static readonly MemberId Me = new(1);
    private static readonly MemberId Other = new(2);

    [Theory]
    [InlineData(2, 5, 2, 5, true)]    // the same log
    [InlineData(3, 1, 2, 5, true)]    // a later last term beats length
    [InlineData(2, 6, 2, 5, true)]    // the same last term: the longer one
    [InlineData(2, 4, 2, 5, false)]
    [InlineData(1, 9, 2, 5, false)]
    public void Section_5_4_1_votes_go_to_logs_that_are_up_to_date(long term, long index, long ownTerm, long ownIndex, bool granted) =>
        Assert.Equal(granted, Rules.MayVote(MemberId.None, Me, new(term, index), new(ownTerm, ownIndex)));

    [Fact]
    public void Section_5_2_one_vote_a_term()
    {
        Assert.True(Rules.MayVote(Me, Me, new(1, 1), new(1, 1)));   // the answer may have been lost
        Assert.False(Rules.MayVote(Other, Me, new(1, 1), new(1, 1)));
    }

    [Fact]
    public void Section_5_3_entries_follow_only_the_same_entry()
    {
        Assert.True(Rules.Matches(new(2, 7), 2));
        Assert.False(Rules.Matches(new(2, 7), 1));
        Assert.False(Rules.Matches(new(2, 7), null));
    }

    [Fact]
    public void Section_5_4_2_only_entries_of_the_leaders_term_are_committed_by_counting()
    {
        Assert.True(Rules.MayCommit(4, 4));
        Assert.False(Rules.MayCommit(2, 4));
    }

    [Fact]
    public void The_quorums_index_is_that_of_sorting_and_taking()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var match = Enumerable.Range(0, random.Next(1, 8)).Select(_ => (long)random.Next(10)).ToArray();
            var quorum = match.Length / 2 + 1;
            var naive = Enumerable.Range(0, 10).Last(index => match.Count(m => m >= index) >= quorum);
            Assert.Equal(naive, Rules.QuorumIndex(match, quorum));
        }
    }

    [Fact]
    public void Section_8_a_read_waits_for_the_new_leaders_first_entry() => Assert.Equal(9, Rules.ReadIndex(commit: 5, termStart: 9));
}
