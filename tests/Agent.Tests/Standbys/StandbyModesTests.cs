using System.Diagnostics;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>Hot, warm and cold standbys with real processes, logs and links.</summary>
public sealed class StandbyModesTests(ThreeAgentsThatRest resting) : IClassFixture<ThreeAgentsThatRest>
{
    [Fact]
    public async Task Cold_replicas_have_no_process_until_they_are_needed_and_then_all_the_state()
    {
        await using var three = new ThreeReplicas(resting.Agents);
        three.Order(StandbyMode.StandbyCold);
        Assert.All(await three.AllAsync(StandbyMode.StandbyCold), report => Assert.Equal(0, report.ProcessId));

        await three.RunAsync(1, epoch: 1, "x = [1]; same = x");
        var first = await three.PresentAsync(1, StandbyMode.StandbyHot);
        Assert.NotEqual(0, first.ProcessId);
        using var process = Process.GetProcessById(first.ProcessId);
        await three.RunAsync(1, epoch: 1, "x.append(2)");

        Assert.Contains("[1, 2] True", await three.RunAsync(2, epoch: 2, "print(f'{x} {x is same}')"), StringComparison.Ordinal);
        await three.PresentAsync(2, StandbyMode.StandbyHot);
        var rests = await three.PresentAsync(1, StandbyMode.StandbyCold);   // it is not the executor any more
        Assert.Equal(0, rests.ProcessId);
        await process.WaitForExitAsync().Within("the former executor's process ends");

        Assert.Contains("[1, 2, 3]", await three.RunAsync(1, epoch: 3, "same.append(3); print(x)"), StringComparison.Ordinal);
        Assert.DoesNotContain(three.UnaskedOf(3), r => r.ProcessId != 0);
    }

    [Fact]
    public async Task Warm_replicas_have_a_process_that_gets_the_state_when_it_is_needed()
    {
        await using var three = new ThreeReplicas(resting.Agents);
        three.Order(StandbyMode.StandbyWarm);
        var warm = await three.AllAsync(StandbyMode.StandbyWarm);
        Assert.All(warm, report => Assert.NotEqual(0, report.ProcessId));

        for (var n = 0; n < 5; n++) await three.RunAsync(1, epoch: 1, $"a{n} = {n}");
        Assert.Contains("[0, 1, 2, 3, 4]", await three.RunAsync(2, epoch: 2, "print([a0, a1, a2, a3, a4])"), StringComparison.Ordinal);
        Assert.Equal(warm[1].ProcessId, (await three.PresentAsync(2, StandbyMode.StandbyHot)).ProcessId);
        Assert.Equal(warm[0].ProcessId, (await three.PresentAsync(1, StandbyMode.StandbyWarm)).ProcessId);   // again, with the same process
        await three.RunAsync(2, epoch: 2, "a5 = 5");
        Assert.Contains("5", await three.RunAsync(1, epoch: 3, "print(a5)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_the_mode_starts_and_ends_what_it_must_and_leaves_the_executor_alone()
    {
        await using var three = new ThreeReplicas(resting.Agents);
        three.Order(StandbyMode.StandbyHot);
        var before = await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, "x = 1");

        three.Order(StandbyMode.StandbyCold);
        foreach (var number in (int[])[2, 3]) Assert.Equal(0, (await three.PresentAsync(number, StandbyMode.StandbyCold)).ProcessId);
        three.Order(StandbyMode.StandbyWarm);
        foreach (var number in (int[])[2, 3]) Assert.NotEqual(0, (await three.PresentAsync(number, StandbyMode.StandbyWarm)).ProcessId);
        three.Order(StandbyMode.StandbyHot);
        foreach (var number in (int[])[2, 3]) await three.PresentAsync(number, StandbyMode.StandbyHot);
        Assert.Contains("1", await three.RunAsync(1, epoch: 1, "print(x)"), StringComparison.Ordinal);
        Assert.All(
            three.UnaskedOf(1).Where(r => r.Phase == ReplicaPhase.ReplicaReady),
            r => Assert.Equal((before[0].ProcessId, StandbyMode.StandbyHot), (r.ProcessId, r.Standby)));
    }

    [Fact]
    public async Task A_message_to_a_cold_replica_is_answered_by_a_process_that_has_the_state()
    {
        await using var three = new ThreeReplicas(resting.Agents);
        three.Order(StandbyMode.StandbyCold);
        await three.AllAsync(StandbyMode.StandbyCold);
        await three.RunAsync(1, epoch: 1, "number_of_things = 7");

        var gateway = await three.GatewayAsync(3);
        string answer;
        do   // a replica that does not lead hears a moment later than the client that a change is committed
        {
            var asked = await three.ForwardAsync(3, Channel.Shell, "complete_request", new { code = "number_of_t", cursor_pos = 11 });
            answer = (await gateway.NextAsync(asked, "complete_reply")).Text();
        }
        while (!answer.Contains("number_of_things", StringComparison.Ordinal));

        await three.PresentAsync(3, StandbyMode.StandbyHot);
        await three.PresentAsync(3, StandbyMode.StandbyCold);   // it was no cell: the executor is the same, and it rests again
    }

    [Fact]
    public async Task A_replica_does_not_rest_while_its_process_works_on_a_message()
    {
        await using var three = new ThreeReplicas(resting.Agents);
        three.Order(StandbyMode.StandbyCold);
        await three.AllAsync(StandbyMode.StandbyCold);
        await three.RunAsync(1, epoch: 1, "class Slow:\n    def __repr__(self):\n        import time; time.sleep(1); return 'slowly'\nslow = Slow()");
        await three.RunAsync(2, epoch: 2, "pass");
        await three.PresentAsync(1, StandbyMode.StandbyHot);
        await three.PresentAsync(1, StandbyMode.StandbyCold);   // so it knows that the other one is the executor

        var gateway = await three.GatewayAsync(1);
        var asked = await three.ForwardAsync(1, Channel.Shell, "inspect_request", new { code = "slow", cursor_pos = 4, detail_level = 0 });
        await gateway.NextAsync(asked, "inspect_reply", "slowly");
        await three.PresentAsync(1, StandbyMode.StandbyCold);
    }

    [Fact]
    public async Task A_cold_replica_whose_log_grows_long_comes_up_to_give_it_a_snapshot()
    {
        await using var three = new ThreeReplicas(resting.Agents);
        three.Order(StandbyMode.StandbyCold);
        await three.AllAsync(StandbyMode.StandbyCold);
        for (var n = 0; n < 22; n++) await three.RunAsync(1, epoch: 1, $"for i in range(18): globals()[f'v{{i}}'] = str(100 + {n}) * 16_000 + str(i)");
        foreach (var number in (int[])[2, 3])
        {
            await three.PresentAsync(number, StandbyMode.StandbyHot);
            await three.PresentAsync(number, StandbyMode.StandbyCold);
        }

        Assert.Contains("12112117", await three.RunAsync(2, epoch: 2, "print(v17[-8:])"), StringComparison.Ordinal);
    }
}
