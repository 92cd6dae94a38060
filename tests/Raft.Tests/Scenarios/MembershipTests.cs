using Notebook.Raft.Messages;

namespace Notebook.Raft.Tests.Scenarios;

public sealed class MembershipTests
{
    private static readonly RaftOptions Options = new() { PromotionLag = 0, SnapshotPieceBytes = 10, RestAfterTicks = 0 };

    [Fact]
    public void A_new_member_comes_as_a_learner_catches_up_and_is_promoted()
    {
        var group = new TestGroup(3, Options).Elect(1);
        for (var i = 0; i < 20; i++) group.Propose(1);
        group.Join(4);
        group.Isolate(4);
        Assert.IsType<ChangeOutcome.Accepted>(group.Change(1, new MembershipChange.AddLearner(new(4))));
        Assert.IsType<ChangeOutcome.NotCaughtUp>(group.Change(1, new MembershipChange.Promote(new(4))));
        group.Reconnect();
        group.Tick(1, 8);
        Assert.Equal(group.TermsOf(1), group.TermsOf(4));
        Assert.IsType<ChangeOutcome.Accepted>(group.Change(1, new MembershipChange.Promote(new(4))));
        Assert.True(group[4].Membership.IsVoter(new(4)));
        Assert.Equal(4, group[1].Membership.Voters.Length);
    }

    [Fact]
    public void A_learner_does_not_count_and_does_not_stand()
    {
        var group = new TestGroup(3, Options).Elect(1);
        group.Join(4);
        group.Change(1, new MembershipChange.AddLearner(new(4)));
        var before = group[1].CommitIndex;
        group.Isolate(2, 3);
        group.Propose(1);
        Assert.Equal(before + 1, group.LogOf(4).Last.Index);
        Assert.Equal(before, group[1].CommitIndex);
        Assert.Equal(CampaignOutcome.NotEligible, group[4].Campaign());
        group.Isolate(4);
        group.Tick(4, 100);
        Assert.Equal(RaftRole.Follower, group[4].Role);
    }

    [Fact]
    public void One_change_at_a_time()
    {
        var group = new TestGroup(3, Options).Elect(1);
        group.Isolate(1);
        Assert.IsType<ChangeOutcome.Accepted>(group.Change(1, new MembershipChange.Remove(new(3))));
        Assert.Equal(new ChangeOutcome.NotYet(2, 3), group.Change(1, new MembershipChange.AddLearner(new(4))));
        group.Reconnect();
        group.Tick(1, 8);
        Assert.IsType<ChangeOutcome.Accepted>(group.Change(1, new MembershipChange.AddLearner(new(4))));
    }

    [Fact]
    public void No_change_before_the_leader_has_committed_an_entry_of_its_term()
    {
        var group = new TestGroup(3, Options);
        group.Passes = message => message is not AppendRequest;
        group.Elect(1);
        Assert.Equal(new ChangeOutcome.NotYet(1, 2), group.Change(1, new MembershipChange.Remove(new(3))));
    }

    [Fact]
    public void A_membership_whose_entry_is_replaced_is_in_force_no_more()
    {
        var group = new TestGroup(3, Options).Elect(1);
        group.Isolate(1);
        group.Change(1, new MembershipChange.Remove(new(3)));
        Assert.False(group[1].Membership.Contains(new(3)));
        group[2].PeerLost(new(1));
        group[3].PeerLost(new(1));
        group.Elect(2);
        group.Reconnect();
        group.Tick(2, 8);
        Assert.Equal(group.TermsOf(2), group.TermsOf(1));
        Assert.True(group[1].Membership.Contains(new(3)));
    }

    [Fact]
    public void A_voter_whose_others_are_gone_for_good_goes_on_alone_with_all_that_it_has()
    {
        var group = new TestGroup(2, Options).Elect(1);
        group.Propose(1);
        group.Isolate(2);
        group.Propose(1);   // nobody knows whether it counts, until this
        group.Tick(1, 20);
        Assert.Equal(RaftRole.Follower, group[1].Role);
        var term = group[1].Term;
        Assert.True(group[1].GoOnAlone());
        group.Run();
        Assert.Equal((RaftRole.Leader, term + 1), (group[1].Role, group[1].Term));
        Assert.Equal(group.LogOf(1).Last.Index, group[1].CommitIndex);
        Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1));
        Assert.Equal(group.LogOf(1).Last.Index, group[1].CommitIndex);
        Assert.Equal([1], group[1].Membership.Voters.Select(v => v.Value));
    }

    [Fact]
    public void What_a_member_says_that_was_left_behind_does_not_change_who_goes_on_alone()
    {
        var group = new TestGroup(2, Options).Elect(2);
        Assert.True(group[1].GoOnAlone());
        group.Run();
        group.TickAll(40);
        Assert.Equal(RaftRole.Leader, group[1].Role);
        Assert.NotEqual(RaftRole.Leader, group[2].Role);
        Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1));
        Assert.Equal(group.LogOf(1).Last.Index, group[1].CommitIndex);
    }

    [Fact]
    public void Nothing_is_committed_alone_before_it_is_on_disk()
    {
        var group = new TestGroup(2, Options).Elect(2);
        var before = group[1].CommitIndex;
        group.SlowDisks.Add(1);
        Assert.True(group[1].GoOnAlone());
        group.Run();
        Assert.Equal(before, group[1].CommitIndex);
        group.SyncDisk(1);
        Assert.Equal(group.LogOf(1).Last.Index, group[1].CommitIndex);
    }

    [Fact]
    public void A_learner_cannot_go_on_alone()
    {
        var group = new TestGroup(1, Options).Elect(1);
        group.Join(2);
        group.Change(1, new MembershipChange.AddLearner(new(2)));
        Assert.False(group[2].GoOnAlone());
        Assert.Equal(RaftRole.Follower, group[2].Role);
    }

    [Fact]
    public void Changes_that_make_no_sense_are_refused_by_name()
    {
        var group = new TestGroup(3, Options).Elect(1);
        Assert.Equal(new ChangeOutcome.NotLeader(new(1)), group.Change(2, new MembershipChange.Remove(new(3))));
        Assert.Contains("there already", Refusal(group, new MembershipChange.AddLearner(new(2))), StringComparison.Ordinal);
        Assert.Contains("no learner", Refusal(group, new MembershipChange.Promote(new(2))), StringComparison.Ordinal);
        Assert.Contains("not there", Refusal(group, new MembershipChange.Remove(new(8))), StringComparison.Ordinal);
        Assert.Contains("transfer leadership first", Refusal(group, new MembershipChange.Remove(new(1))), StringComparison.Ordinal);
        Assert.Contains("no member has the id", Refusal(group, new MembershipChange.AddLearner(default)), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_needs_discarded_entries_gets_the_snapshot_and_lost_pieces_do_not_begin_it_anew()
    {
        var group = new TestGroup(3, Options).Elect(1);
        for (var i = 0; i < 10; i++) group.Propose(1);
        Assert.Equal(SnapshotOutcome.Started, group[1].SaveSnapshot(11, new byte[100], keep: 0));
        group.Run();
        Assert.Equal((11L, 11L), (group.LogOf(1).Snapshot!.Last.Index, group.LogOf(1).Before.Index));

        group.Join(4);
        var isLost = false;
        group.Passes = message => message is not SnapshotRequest { Offset: 50 } || isLost || !(isLost = true);
        group.Change(1, new MembershipChange.AddLearner(new(4)));
        group.Tick(1, 20);
        Assert.Equal(group.TermsOf(1), group.TermsOf(4));
        Assert.Equal(100, group.LogOf(4).ReadSnapshot(0, 1000).Length);
        Assert.Equal(group[1].Membership, group[4].Membership);
        Assert.Equal(1, group.Sent.Count(m => m is SnapshotRequest { Offset: 0 }));
        Assert.Equal(2, group.Sent.Count(m => m is SnapshotRequest { Offset: 50 }));
    }

    [Fact]
    public void A_snapshot_that_is_old_or_in_the_way_is_refused()
    {
        var group = new TestGroup(3, Options).Elect(1);
        for (var i = 0; i < 10; i++) group.Propose(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => group[1].SaveSnapshot(99, default, 0));
        Assert.Equal(SnapshotOutcome.Started, group[1].SaveSnapshot(8, new byte[50], keep: 3));
        Assert.Equal(SnapshotOutcome.Busy, group[1].SaveSnapshot(9, new byte[50], keep: 3));
        group.Run();
        Assert.Equal(5, group.LogOf(1).Before.Index);
        Assert.Equal(SnapshotOutcome.Old, group[1].SaveSnapshot(8, new byte[50], keep: 3));
    }

    private static string Refusal(TestGroup group, MembershipChange change) =>
        Assert.IsType<ChangeOutcome.Refused>(group.Change(1, change)).Reason;
}
