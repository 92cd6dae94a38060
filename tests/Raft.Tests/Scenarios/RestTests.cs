using Notebook.Raft.Tests.Simulation;

namespace Notebook.Raft.Tests.Scenarios;

public sealed class RestTests
{
    private const int Members = 1000;
    private const int MostBytes = 4096;

    [Fact]
    public void A_group_that_nobody_uses_rests_and_says_nothing()
    {
        var group = Resting();
        group.Sent.Clear();
        group.TickAll(100);
        Assert.Empty(group.Sent);
    }

    [Fact]
    public void A_proposal_wakes_the_group()
    {
        var group = Resting();
        Assert.IsType<ProposeOutcome.Accepted>(group.Propose(1));
        Assert.All(Enumerable.Range(1, 3), id => Assert.False(group[id].IsResting));
        Assert.Equal(3, group[1].CommitIndex);
    }

    [Fact]
    public void A_group_with_a_member_that_lacks_something_does_not_rest()
    {
        var group = new TestGroup(3, new RaftOptions()).Elect(1);
        group.Isolate(3);
        group.Propose(1);
        group.Tick(1, 100);
        Assert.False(group[1].IsResting);
    }

    [Fact]
    public void When_the_leaders_agent_is_lost_the_others_elect_another()
    {
        var group = Resting();
        group.Isolate(1);
        group[2].PeerLost(new(1));
        group[3].PeerLost(new(1));
        Assert.Equal(CampaignOutcome.Standing, group[2].Campaign());
        group.Run();
        Assert.Equal(RaftRole.Leader, group[2].Role);
    }

    [Fact]
    public void A_read_wakes_the_group_and_is_confirmed()
    {
        var group = Resting();
        group[1].ReadIndex(1);
        group.Run();
        Assert.Equal([(1, new ReadAnswer(1, 2))], group.Reads);
    }

    [Fact]
    public void A_resting_member_costs_few_bytes()
    {
        var random = new Random(1);
        var membership = Membership.Of([new(1), new(2), new(3)]);
        var (options, logs) = (new RaftOptions(), new List<MemoryLog>());
        for (var i = 0; i < Members; i++)
        {
            logs.Add(new MemoryLog());
            logs[i].Apply(GroupFounding.Write(World.Group, membership));
        }
        var members = new List<RaftMember>(Members);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var log in logs) members.Add(new RaftMember(World.Group, new(1), log, options, random));
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Members, 1, MostBytes);
        GC.KeepAlive(members);
    }

    private static TestGroup Resting()
    {
        var group = new TestGroup(3, new RaftOptions()).Elect(1);
        group.TickAll(50);
        Assert.All(Enumerable.Range(1, 3), id => Assert.True(group[id].IsResting));
        return group;
    }
}
