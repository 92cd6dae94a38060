using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Runtime;

public sealed class LifeTests
{
    [Fact]
    public async Task A_member_is_replaced_on_another_server()
    {
        await using var agents = new Agents(4);
        var leader = await agents.OpenThreeAsync();
        for (var i = 0; i < 30; i++) await agents.CommitAsync(1, $"{i}");
        agents.Open(4);
        await Change(agents, leader, new MembershipChange.AddLearner(new(4)));
        await agents.Until(() => agents.Lines(4).Count == 30, "the learner catches up");
        await Change(agents, leader, new MembershipChange.Promote(new(4)));
        await Change(agents, leader, new MembershipChange.Remove(new(3)));
        Assert.IsType<SubmitOutcome.Accepted>(await agents.Host(3).RemoveAsync(Agents.Group(1)));
        Assert.Null(agents.Host(3).Find(Agents.Group(1)));

        await agents.LeadAsync(4);
        await agents.CommitAsync(4, "from the new one");
        Assert.Equal(31, agents.Lines(4).Count);
        Assert.Equal("voters 1 2 4, learners ", agents.Member(4).View.Membership.ToString());
    }

    [Fact]
    public async Task A_member_that_is_far_behind_gets_a_snapshot()
    {
        var options = new RaftHostOptions { SnapshotEntries = 50, KeepEntries = 5, Group = new() { SnapshotPieceBytes = 64 } };
        await using var agents = new Agents(4, options);
        var leader = await agents.OpenThreeAsync();
        for (var i = 0; i < 180; i++) await agents.CommitAsync(1, $"{i}");
        agents.Open(4);
        await Change(agents, leader, new MembershipChange.AddLearner(new(4)));
        await agents.Until(() => agents.Lines(4).Count == 180, "the learner catches up");
        Assert.Equal(agents.Lines(1), agents.Lines(4));
        Assert.Equal(1, agents.Machine(4).Restores);
        await agents.Settle();
        Assert.Equal(leader.View.Last.Index, leader.View.Peers.Single(peer => peer.Member == new MemberId(4)).Match);
    }

    [Fact]
    public async Task All_go_on_from_their_disks()
    {
        await using var agents = new Agents(3, new RaftHostOptions { SnapshotEntries = 20, KeepEntries = 3 });
        await agents.OpenThreeAsync();
        for (var i = 0; i < 50; i++) await agents.CommitAsync(1, $"{i}");
        for (var server = 1; server <= 3; server++) await agents.StopAsync(server);
        for (var server = 1; server <= 3; server++) agents.Start(server);
        for (var server = 1; server <= 3; server++) agents.Open(server, founding: Agents.Three);
        Assert.Equal(1, agents.Machine(1).Restores);
        await agents.LeadAsync(2);
        await agents.CommitAsync(2, "again");
        await agents.Until(() => agents.Lines(1).Count == 51 && agents.Lines(3).Count == 51, "all apply");
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}").Append("again"), agents.Lines(2));
        Assert.Equal(agents.Lines(2), agents.Lines(1));
        Assert.Equal(agents.Lines(2), agents.Lines(3));
    }

    [Fact]
    public async Task A_closed_group_takes_no_part_until_it_is_opened_again()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        var closed = agents.Member(3);
        await agents.Host(3).CloseAsync(Agents.Group(1));
        Assert.IsType<CommitOutcome.Ended>(await closed.ProposeAsync("a"u8.ToArray()));
        Assert.IsType<LeadOutcome.Ended>(await closed.LeadAsync(TimeSpan.FromSeconds(1)));
        Assert.IsType<ReadIndexOutcome.Ended>(await closed.ReadAsync());
        await agents.CommitAsync(1, "without it");
        agents.Open(3);
        await agents.Until(() => agents.Lines(3).Count == 1, "it catches up");
        Assert.IsType<OpenOutcome.AlreadyOpen>(agents.Host(3).Open(Agents.Group(1), new(3), _ => null, new ListStateMachine()));
    }

    private static async Task Change(Agents agents, RaftGroup leader, MembershipChange change)
    {
        await agents.Settle();   // the leader has heard how far everybody is
        Assert.IsType<MembershipOutcome.Committed>(await agents.Run(leader.ChangeMembershipAsync(change), $"{change}"));
    }
}
