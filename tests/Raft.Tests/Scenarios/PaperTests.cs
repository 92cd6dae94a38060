using Notebook.Raft.Messages;
using Notebook.Raft.Tests.Mutants;

namespace Notebook.Raft.Tests.Scenarios;

/// <summary>The stories that the paper tells with pictures.</summary>
public sealed class PaperTests
{
    [Fact]
    public void Figure_7_all_kinds_of_followers_end_with_the_leaders_log()
    {
        var group = new TestGroup(7, logs:
        [
            (1, [1, 1, 4, 4, 5, 5, 6, 6, 6]),           // the leader of term 8
            (2, [1, 1, 4, 4, 5, 5, 6, 6]),              // (a) lacks one
            (3, [1, 1, 4]),                             // (b) lacks many
            (4, [1, 1, 4, 4, 5, 5, 6, 6, 6, 6]),        // (c) has one more
            (5, [1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]),     // (d) has two more of a later term
            (6, [1, 1, 4, 4, 4, 4]),                    // (e) lacks some and has others
            (7, [1, 1, 2, 2, 2, 3, 3, 3, 3, 3]),        // (f) has much of terms that nobody else knows
        ]);
        group[1].Step(new Heartbeat(new(9), new(1), 7, 0, 0));   // it has seen term 7, as in the picture
        group[1].PeerLost(new(9));
        group.Elect(1);
        Assert.Equal(8, group[1].Term);
        Assert.Equal([1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8], group.TermsOf(1));
        for (var id = 2; id <= 7; id++) Assert.Equal(group.TermsOf(1), group.TermsOf(id));
        Assert.Equal(11, group[1].CommitIndex);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Figure_8_an_entry_of_an_old_term_is_not_committed_by_counting_its_copies(bool countsOldTerms)
    {
        var group = new TestGroup(
            5,
            new RaftOptions { MaxMessageBytes = 1, RestAfterTicks = 0 },
            countsOldTerms ? new CommitsEntriesOfOldTerms() : null,
            [(1, [2L]), (5, [3L])]);
        group[1].Step(new Heartbeat(new(9), new(1), 3, 0, 0));
        group[1].PeerLost(new(9));

        // (c) S1 leads in term 4 and brings the entry of term 2 to S2 and S3, so that a majority has it; its own goes nowhere.
        group.Passes = m => m.To.Value < 4 && m.From.Value < 4
            && !(m is AppendRequest append && append.Entries.Any(e => e.Id.Term == 4) && group.LogOf(m.To.Value).Last.Index == 2);
        group.Elect(1);
        Assert.Equal(4, group[1].Term);
        Assert.All(Enumerable.Range(1, 3), id => Assert.Equal(2, group.LogOf(id).TermAt(2)));
        Assert.Equal(countsOldTerms ? 2 : 1, group[1].CommitIndex);   // the mutant shows that this can fail

        // (d) S1 is gone; S5 leads and its entry takes the place, which is right only if the other was not committed.
        if (countsOldTerms) return;
        group.Isolate(1);
        for (var id = 2; id <= 5; id++) group[id].PeerLost(new(1));
        group.Tick(5, 3 * new RaftOptions().ElectionTicks);
        Assert.Equal(RaftRole.Leader, group[5].Role);
        Assert.All(Enumerable.Range(2, 4), id => Assert.Equal(3, group.LogOf(id).TermAt(2)));
        Assert.Equal(3, group[5].CommitIndex);
    }

    [Fact]
    public void Section_5_3_a_leader_goes_back_over_a_whole_term_at_a_time()
    {
        var (ours, theirs) = (Enumerable.Repeat(3L, 100).ToArray(), Enumerable.Repeat(2L, 90).ToArray());
        var group = new TestGroup(3, logs: [(1, ours), (2, theirs), (3, ours)]);
        group.Elect(1);
        Assert.Equal(group.TermsOf(1), group.TermsOf(2));
        Assert.InRange(group.Sent.Count(m => m is AppendAnswer { Accepted: false }), 1, 2);
    }

    [Fact]
    public void Section_5_4_2_a_new_leader_commits_what_it_found_with_an_entry_of_its_own()
    {
        var group = new TestGroup(3, logs: [(1, [2L, 2L]), (2, [2L, 2L])]).Elect(1);
        Assert.Equal(4, group[1].CommitIndex);
        Assert.Equal(EntryKind.Empty, group.LogOf(1).Read(4, 4, 1)[0].Kind);
    }
}
