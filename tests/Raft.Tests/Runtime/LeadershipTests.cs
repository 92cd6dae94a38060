using Notebook.Raft.Runtime;
using Notebook.TestKit;

namespace Notebook.Raft.Tests.Runtime;

public sealed class LeadershipTests
{
    [Fact]
    public async Task A_leader_whose_agent_is_gone_is_replaced_without_any_time_passing()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        await agents.CommitAsync(1, "before");
        await agents.Settle();   // a majority has it; the one that is to lead must
        await agents.StopAsync(1);
        var now = agents.Time.GetUtcNow();
        agents.Host(3).PeerDown(Agents.ServerOf(1));
        agents.Host(2).PeerDown(Agents.ServerOf(1));
        var lead = agents.Member(2).LeadAsync(TimeSpan.FromSeconds(5)).AsTask();
        Assert.IsType<LeadOutcome.Leading>(await lead.Within("another leader without time passing"));
        var commit = agents.Member(2).ProposeAsync("after"u8.ToArray()).AsTask();
        Assert.IsType<CommitOutcome.Committed>(await commit.Within("a commit without time passing"));
        Assert.Equal(now, agents.Time.GetUtcNow());
        Assert.Equal(["before", "after"], agents.Lines(2));
    }

    [Fact]
    public async Task A_voter_that_learns_of_the_loss_later_grants_with_the_next_tick()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        await agents.CommitAsync(1, "before");
        await agents.Settle();   // a majority has it; the one that is to lead must
        await agents.StopAsync(1);
        agents.Host(2).PeerDown(Agents.ServerOf(1));
        var lead = agents.Member(2).LeadAsync(TimeSpan.FromSeconds(5)).AsTask();
        await agents.Settle();
        Assert.False(lead.IsCompleted, "the lease at server 3 did not hold");
        agents.Host(3).PeerDown(Agents.ServerOf(1));
        agents.Time.Advance(new RaftHostOptions().TickInterval);
        Assert.IsType<LeadOutcome.Leading>(await lead.Within("the vote is asked for again"));
    }

    [Fact]
    public async Task A_resting_group_that_lost_its_leader_elects_another_by_itself()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        await agents.CommitAsync(1, "before");
        await agents.Until(() => agents.Member(1).View.IsResting && agents.Member(2).View.IsResting && agents.Member(3).View.IsResting, "rest");
        await agents.StopAsync(1);
        agents.Host(2).PeerDown(Agents.ServerOf(1));
        agents.Host(3).PeerDown(Agents.ServerOf(1));
        await agents.Until(() => agents.Member(2).IsLeader || agents.Member(3).IsLeader, "another leader");
    }

    [Fact]
    public async Task A_live_leader_hands_over_without_any_time_passing()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        foreach (var (server, line) in new[] { (3, "c"), (2, "b"), (1, "a") })
        {
            var now = agents.Time.GetUtcNow();
            var lead = agents.Member(server).LeadAsync(TimeSpan.FromSeconds(5)).AsTask();
            Assert.IsType<LeadOutcome.Leading>(await lead.Within("the leader hands over without time passing"));
            Assert.Equal(now, agents.Time.GetUtcNow());
            await agents.CommitAsync(server, line);
        }
        Assert.Equal(["c", "b", "a"], agents.Lines(1));
    }

    [Fact]
    public async Task Who_leads_leads_at_once_and_who_cannot_is_told()
    {
        await using var agents = new Agents(4);
        var leader = await agents.OpenThreeAsync();
        Assert.IsType<LeadOutcome.Leading>(await leader.LeadAsync(TimeSpan.Zero));
        Assert.IsType<LeadOutcome.NotEligible>(await agents.Open(4).LeadAsync(TimeSpan.FromSeconds(1)));
        await agents.StopAsync(1);
        await agents.StopAsync(2);
        Assert.IsType<LeadOutcome.TimedOut>(await agents.Run(agents.Member(3).LeadAsync(TimeSpan.FromSeconds(3)), "the limit"));
    }
}
