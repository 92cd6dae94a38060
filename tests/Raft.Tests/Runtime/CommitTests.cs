using System.Text;
using Notebook.Raft.Runtime;
using Notebook.TestKit;

namespace Notebook.Raft.Tests.Runtime;

public sealed class CommitTests
{
    [Fact]
    public async Task What_is_committed_is_applied_at_the_proposer_before_it_hears_and_then_at_all()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        for (var i = 0; i < 20; i++)
        {
            await agents.CommitAsync(1, $"line {i}");
            Assert.Equal($"line {i}", agents.Lines(1)[^1]);
        }
        await agents.Until(() => agents.Lines(2).Count == 20 && agents.Lines(3).Count == 20, "the followers apply");
        Assert.Equal(agents.Lines(1), agents.Lines(2));
        Assert.Equal(agents.Lines(1), agents.Lines(3));
    }

    [Fact]
    public async Task Proposals_of_many_threads_are_all_applied_once_and_in_one_order()
    {
        await using var agents = new Agents();
        var leader = await agents.OpenThreeAsync();
        var proposals = Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
                Assert.IsType<CommitOutcome.Committed>(await leader.ProposeAsync(Encoding.UTF8.GetBytes($"{thread} {i}")));
        })).ToArray();
        await agents.Until(() => Task.WhenAll(proposals).IsCompleted, "400 commits");
        await Task.WhenAll(proposals);
        await agents.Until(() => agents.Lines(2).Count == 400 && agents.Lines(3).Count == 400, "the followers apply");
        Assert.Equal(400, agents.Lines(1).Distinct().Count());
        for (var thread = 0; thread < 8; thread++)
            Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{thread} {i}"), agents.Lines(1).Where(line => line.StartsWith($"{thread} ", StringComparison.Ordinal)));
        Assert.Equal(agents.Lines(1), agents.Lines(2));
        Assert.Equal(agents.Lines(1), agents.Lines(3));
    }

    [Fact]
    public async Task A_follower_names_the_leader_and_an_entry_over_the_limit_is_refused()
    {
        await using var agents = new Agents();
        var leader = await agents.OpenThreeAsync();
        await agents.CommitAsync(1, "a");
        Assert.Equal(new CommitOutcome.NotLeader(new MemberId(1)), await agents.ProposeAsync(2, "b"));
        var limit = new RaftOptions().MaxEntryBytes;
        Assert.Equal(new CommitOutcome.TooLarge(limit + 1, limit), await leader.ProposeAsync(new byte[limit + 1]));
    }

    [Fact]
    public async Task A_leader_without_a_majority_loses_its_proposals_when_it_steps_down()
    {
        await using var agents = new Agents();
        await agents.OpenThreeAsync();
        agents.Links.Loses = (from, _) => from != Agents.ServerOf(1);
        Assert.IsType<CommitOutcome.Lost>(await agents.ProposeAsync(1, "never"));
        Assert.IsType<CommitOutcome.NotLeader>(await agents.ProposeAsync(1, "refused"));
    }

    [Fact]
    public async Task A_read_waits_for_what_was_acknowledged_and_a_follower_refuses_it()
    {
        await using var agents = new Agents();
        var leader = await agents.OpenThreeAsync();
        await agents.CommitAsync(1, "a");
        var read = Assert.IsType<ReadIndexOutcome.Ready>(await agents.Run(leader.ReadAsync(), "the read"));
        Assert.True(read.Index >= 3, $"{read.Index}");
        Assert.IsType<ReadIndexOutcome.NotLeader>(await agents.Run(agents.Member(2).ReadAsync(), "the refusal"));
    }

    [Fact]
    public async Task A_cancelled_wait_ends_at_once_and_the_entry_goes_on()
    {
        await using var agents = new Agents();
        var leader = await agents.OpenThreeAsync();
        agents.Links.Loses = (_, _) => true;
        using var cancel = new CancellationTokenSource();
        var waiting = leader.ProposeAsync("a"u8.ToArray(), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Within("the end of the wait"));
        agents.Links.Loses = (_, _) => false;
        await agents.Until(() => agents.Lines(1).Count == 1, "the commit");
    }

    [Fact]
    public async Task A_group_of_one_commits_without_anybody_and_completes_off_the_writers_thread()
    {
        await using var agents = new Agents(1);
        var alone = agents.Open(1, founding: Membership.Of([new MemberId(1)]));
        await agents.LeadAsync(1);
        for (var i = 0; i < 20; i++)
        {
            // From a thread of the pool, since a commit that is there already goes on right where it is awaited.
            var onPool = await Task.Run(() => alone.ProposeAsync("a"u8.ToArray()).AsTask().ContinueWith(
                _ => Thread.CurrentThread.IsThreadPoolThread, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
            Assert.True(onPool, "what awaits a commit runs on the log writer's thread");
        }
        Assert.Equal(20, agents.Lines(1).Count);
    }
}
