using Notebook.Raft.Runtime;

namespace Notebook.Raft.Tests.Runtime;

public sealed class RestTests
{
    private const int Groups = 2000;

    [Fact]
    public async Task Thousands_of_idle_groups_cost_no_frames_no_timers_and_little_memory_and_wake_by_use()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync(1);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var group = 2; group <= Groups; group++)
        {
            for (var server = 3; server >= 1; server--) agents.Open(server, group, Agents.Three);
            _ = agents.Member(1 + (group % 3), group).LeadAsync(TimeSpan.FromSeconds(30)).AsTask();
        }
        await agents.Until(() => agents.Host(1).Groups.All(group => group.View.Role.Leader != MemberId.None), "leaders everywhere");
        await agents.Until(() => Enumerable.Range(1, 3).All(server => agents.Host(server).AwakeGroups == 0), "all groups rest");
        var perMember = (GC.GetTotalMemory(forceFullCollection: true) - before) / (3.0 * (Groups - 1));
        Assert.True(perMember <= 20 << 10, $"{perMember:0} bytes a member");

        var (sent, ticks) = (agents.Links.Sent, Ticks(agents));
        agents.Time.Advance(TimeSpan.FromHours(1));
        await agents.Settle();
        Assert.Equal((sent, ticks, 0), (agents.Links.Sent, Ticks(agents), agents.Time.ArmedTimers));

        var member = agents.Member(1 + (77 % 3), 77);
        Assert.IsType<CommitOutcome.Committed>(await agents.Run(member.ProposeAsync("woken"u8.ToArray()), "a commit"));
        await agents.Until(() => Enumerable.Range(1, 3).All(server => agents.Lines(server, 77).Count == 1), "all apply");
    }

    [Fact]
    public async Task Heartbeats_of_all_groups_to_one_agent_share_a_frame()
    {
        await using var agents = new Agents(3, new RaftHostOptions { Group = new() { RestAfterTicks = 0, HeartbeatTicks = 1 } });
        for (var group = 1; group <= 100; group++) await agents.OpenThreeAsync(group);
        await agents.Settle();
        var before = agents.Host(1).Counters;
        for (var tick = 0; tick < 10; tick++)
        {
            agents.Time.Advance(new RaftHostOptions().TickInterval);
            await agents.Settle();
        }
        var after = agents.Host(1).Counters;
        Assert.InRange(after.FramesSent - before.FramesSent, 20, 40);
        Assert.True(after.MessagesSent - before.MessagesSent >= 10 * 200, $"{before}\n{after}");
    }

    private static long Ticks(Agents agents) => Enumerable.Range(1, 3).Sum(server => agents.Host(server).Counters.Ticks);
}
