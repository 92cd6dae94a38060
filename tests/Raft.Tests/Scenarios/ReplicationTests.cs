using Notebook.Raft.Messages;

namespace Notebook.Raft.Tests.Scenarios;

public sealed class ReplicationTests
{
    private static readonly RaftOptions Small = new()
    {
        MaxEntryBytes = 100,
        MaxMessageBytes = 20,
        MaxInFlight = 3,
        MaxUncommittedBytes = 200,
        MaxUncommittedEntries = 12,
        MaxPendingReads = 2,
        RestAfterTicks = 0,
    };

    [Fact]
    public void A_proposal_says_where_it_stands_or_why_it_does_not()
    {
        var group = new TestGroup(3, Small).Elect(1);
        Assert.Equal(new ProposeOutcome.Accepted(new(2, 3)), group.Propose(1));
        Assert.Equal(new ProposeOutcome.NotLeader(new(1)), group.Propose(2));
        Assert.Equal(new ProposeOutcome.TooLarge(101, 100), group.Propose(1, bytes: 101));
    }

    [Fact]
    public void What_is_not_committed_is_bounded_and_room_comes_back()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Isolate(1);
        Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1, bytes: 100));
        Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1, bytes: 100));
        Assert.Equal(new ProposeOutcome.Busy(200, false), group.Propose(1, bytes: 1));
        group.Reconnect();
        group.Tick(1, 8);
        Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1, bytes: 100));
    }

    [Fact]
    public void Entries_without_bytes_are_bounded_too()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Isolate(1);
        for (var i = 0; i < Small.MaxUncommittedEntries; i++) Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1, bytes: 0));
        Assert.IsType<ProposeOutcome.Busy>(group.Propose(1, bytes: 0));
    }

    [Fact]
    public void No_more_is_in_flight_to_a_peer_than_its_window()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Passes = message => message is not AppendAnswer;
        group.Sent.Clear();
        for (var i = 0; i < 10; i++) group.Propose(1);
        Assert.Equal(Small.MaxInFlight, group.Sent.Count(m => m is AppendRequest && m.To == new MemberId(2)));
    }

    [Fact]
    public void What_was_lost_on_the_way_is_sent_again_after_a_heartbeat()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Passes = message => message is not AppendRequest;
        for (var i = 0; i < 10; i++) group.Propose(1);
        group.Reconnect();
        group.Tick(1, 8);
        Assert.All(Enumerable.Range(2, 2), id => Assert.Equal(group.TermsOf(1), group.TermsOf(id)));
        Assert.Equal(12, group[1].CommitIndex);
    }

    [Fact]
    public void A_leader_sends_before_its_own_disk_is_done_and_counts_itself_afterwards()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Isolate(3);
        group.SlowDisks.Add(1);
        group.Propose(1);
        Assert.Equal(3, group.LogOf(2).Last.Index);
        Assert.Equal(2, group[1].CommitIndex);
        group.SyncDisk(1);
        Assert.Equal(3, group[1].CommitIndex);
    }

    [Fact]
    public void Entries_are_applied_only_when_they_are_on_the_own_disk()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.SlowDisks.Add(1);
        group.Applied.Clear();
        group.Propose(1);
        Assert.Equal(3, group[1].CommitIndex);   // the two others are enough
        Assert.DoesNotContain(group.Applied, applied => applied.Id == 1);
        group.SyncDisk(1);
        Assert.Contains((1, new CommittedRange(3, 3)), group.Applied);
    }

    [Fact]
    public void A_leader_of_an_old_term_learns_of_the_new_one_and_steps_down()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Isolate(1);
        group[2].PeerLost(new(1));
        group[3].PeerLost(new(1));
        group.Elect(2);
        group.Reconnect();
        group.Propose(1);
        Assert.Equal((RaftRole.Follower, 3L), (group[1].Role, group[1].Term));
        group.Tick(2, 4);
        Assert.Equal(group.TermsOf(2), group.TermsOf(1));
    }

    [Fact]
    public void A_read_is_confirmed_by_a_round_and_not_by_the_leader_alone()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Isolate(1);
        Assert.IsType<ReadOutcome.Pending>(group[1].ReadIndex(7));
        group.Run();
        Assert.Empty(group.Reads);
        group.Reconnect();
        group.Tick(1, 2);
        Assert.Equal([(1, new ReadAnswer(7, 2))], group.Reads);
    }

    [Fact]
    public void Reads_end_without_an_index_when_leadership_is_lost_and_are_bounded()
    {
        var group = new TestGroup(3, Small).Elect(1);
        group.Isolate(1);
        Assert.IsType<ReadOutcome.Pending>(group[1].ReadIndex(1));
        Assert.IsType<ReadOutcome.Pending>(group[1].ReadIndex(2));
        Assert.Equal(new ReadOutcome.Busy(2), group[1].ReadIndex(3));
        group.Tick(1, 20);
        Assert.Equal([(1, new ReadAnswer(1, null)), (1, new ReadAnswer(2, null))], group.Reads);
        Assert.IsType<ReadOutcome.NotLeader>(group[1].ReadIndex(4));
    }
}
