using Notebook.Raft.Messages;

namespace Notebook.Raft.Tests.Scenarios;

public sealed class ElectionTests
{
    [Fact]
    public void A_member_that_was_cut_off_neither_raises_its_term_nor_disturbs_when_it_is_back()
    {
        var group = new TestGroup(3).Elect(1);
        group.Isolate(3);
        group.Tick(3, 100);
        Assert.Equal((RaftRole.PreCandidate, 2L), (group[3].Role, group[3].Term));
        group.Reconnect();
        group.TickAll(20);
        Assert.Equal((RaftRole.Leader, 2L), (group[1].Role, group[1].Term));
        Assert.Equal(new MemberId(1), group[3].Leader);
    }

    [Fact]
    public void A_leader_that_does_not_hear_a_quorum_steps_down()
    {
        var group = new TestGroup(3).Elect(1);
        group.Isolate(1);
        group.Tick(1, 2 * new RaftOptions().ElectionTicks);
        Assert.Equal((RaftRole.Follower, MemberId.None), (group[1].Role, group[1].Leader));
    }

    [Fact]
    public void A_leader_that_hears_one_of_two_others_leads_on()
    {
        var group = new TestGroup(3).Elect(1);
        group.Isolate(3);
        for (var i = 0; i < 50; i++) group.Tick(1);
        Assert.Equal(RaftRole.Leader, group[1].Role);
    }

    [Fact]
    public void A_vote_is_not_given_while_a_leader_is_heard_except_in_a_transfer()
    {
        var group = new TestGroup(3).Elect(1);
        group[2].Step(new VoteRequest(new(3), new(2), 9, new(9, 9), VoteReason.Election));
        group.Run();
        Assert.Equal(2, group[2].Term);
        group[2].Step(new VoteRequest(new(3), new(2), 9, new(9, 9), VoteReason.Transfer));
        group.Run();
        Assert.Equal(9, group[2].Term);
        Assert.Contains(group.Sent, m => m is VoteAnswer { Granted: true, Term: 9 });
    }

    [Fact]
    public void A_vote_is_answered_only_when_it_is_on_disk()
    {
        var group = new TestGroup(3);
        group.SlowDisks.Add(2);
        group.Isolate(3);
        group[1].Campaign();
        group.Run();
        Assert.Equal(RaftRole.Candidate, group[1].Role);
        group.SyncDisk(2);
        Assert.Equal(RaftRole.Leader, group[1].Role);
    }

    [Fact]
    public void Votes_are_asked_for_only_when_the_own_is_on_disk()
    {
        var group = new TestGroup(3);
        group.SlowDisks.Add(1);
        group[1].Campaign();
        group.Run();
        Assert.Equal(RaftRole.Candidate, group[1].Role);
        Assert.All(group.Sent.OfType<VoteRequest>(), request => Assert.Equal(VoteReason.PreVote, request.Reason));
        group.SyncDisk(1);
        Assert.Equal(RaftRole.Leader, group[1].Role);
    }

    [Fact]
    public void Leadership_goes_to_a_member_that_has_everything_at_once()
    {
        var group = new TestGroup(3).Elect(1);
        group.Propose(1);
        Assert.Equal(TransferOutcome.Started, group[1].TransferLeadership(new(2)));
        group.Run();
        Assert.Equal((RaftRole.Leader, 3L), (group[2].Role, group[2].Term));
        Assert.All(Enumerable.Range(1, 3), id => Assert.Equal(new MemberId(2), group[id].Leader));
    }

    [Fact]
    public void A_follower_that_is_to_lead_asks_the_leader()
    {
        var group = new TestGroup(3).Elect(1);
        Assert.Equal(CampaignOutcome.Asked, group[3].Campaign());
        group.Run();
        Assert.Equal(RaftRole.Leader, group[3].Role);
        Assert.Equal(CampaignOutcome.AlreadyLeader, group[3].Campaign());
    }

    /// <summary>As after a restart: it does not know yet who leads, and others have what it has not.</summary>
    [Fact]
    public void A_member_that_is_to_lead_before_it_has_heard_the_leader_neither_raises_its_term_nor_disturbs()
    {
        var group = new TestGroup(3).Elect(1);
        group.Isolate(3);
        group.Propose(1);
        group.Reconnect();
        group[3].PeerLost(new(1));
        Assert.Equal(CampaignOutcome.Standing, group[3].Campaign());
        group.Run();
        Assert.Equal((RaftRole.Leader, 2L), (group[1].Role, group[1].Term));
        Assert.Equal(2, group[3].Term);
        group.TickAll(new RaftOptions().ElectionTicks);
        Assert.Equal(CampaignOutcome.Asked, group[3].Campaign());
        group.Run();
        Assert.Equal(RaftRole.Leader, group[3].Role);
    }

    /// <summary>However often it asks: the others elect one of those that have everything, and that one hands over.</summary>
    [Fact]
    public void A_member_that_asks_for_votes_with_every_tick_and_lacks_an_entry_keeps_nobody_from_being_elected()
    {
        var group = new TestGroup(4).Elect(1);
        group.Isolate(3);
        group.Propose(1);
        group.Isolate(1);
        foreach (var id in (int[])[2, 3, 4]) group[id].PeerLost(new(1));
        for (var ticks = 0; ticks < 4 * new RaftOptions().ElectionTicks; ticks++)
        {
            group.TickAll(1);
            group[3].Campaign();
            group.Run();
        }

        Assert.Equal(RaftRole.Leader, group[3].Role);
    }

    [Fact]
    public void A_transfer_to_a_member_that_is_gone_ends_and_proposals_are_taken_again()
    {
        var group = new TestGroup(3).Elect(1);
        group.Isolate(2);
        group.Propose(1);
        Assert.Equal(TransferOutcome.Started, group[1].TransferLeadership(new(2)));
        Assert.Equal(TransferOutcome.Busy, group[1].TransferLeadership(new(3)));
        Assert.True(group.Propose(1) is ProposeOutcome.Busy { IsTransferring: true });
        group.Tick(1, new RaftOptions().ElectionTicks);
        Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1));
    }

    [Fact]
    public void Impossible_transfers_are_refused()
    {
        var group = new TestGroup(3).Elect(1);
        Assert.Equal(TransferOutcome.NotLeader, group[2].TransferLeadership(new(3)));
        Assert.Equal(TransferOutcome.AlreadyLeader, group[1].TransferLeadership(new(1)));
        Assert.Equal(TransferOutcome.NotVoter, group[1].TransferLeadership(new(7)));
    }

    [Fact]
    public void The_same_term_cannot_have_two_leaders()
    {
        var group = new TestGroup(3).Elect(1);
        Assert.Throws<InvalidOperationException>(() => group[1].Step(new Heartbeat(new(2), new(1), 2, 0, 1)));
    }
}
