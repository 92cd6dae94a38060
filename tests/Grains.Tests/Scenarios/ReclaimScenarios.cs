using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Tests.Policies;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Idle kernels give their processes back, and come back when they are used; in the test's own time.</summary>
public sealed class ReclaimScenarios
{
    private static readonly PolicyPlan s_idle = PolicyCatalog.BuiltIn.Plan(["reclaim=idle:20s"]);
    private readonly ManualTimeProvider _clock = new();

    [VirtualTimeFact]
    public async Task An_idle_kernel_is_reclaimed_at_all_its_replicas_and_its_next_cell_runs_at_the_same_one()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        var (server, first) = await cluster.Agents.NextRunAsync("m1");
        await PassAsync(cluster, 60);
        cluster.Agents[server].Finish(first);
        var before = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "the cell has ended");
        Assert.Null(before.Reclaimed);   // it was not while the cell ran

        await PassAsync(cluster, 15);
        Assert.Null((await kernel.View())!.Reclaimed);
        await PassAsync(cluster, 10);
        var reclaimed = await GrainCluster.UntilAsync(
            kernel, v => v.Reclaimed is not null && v.Replicas.All(r => r is { Standby: StandbyMode.Cold, ProcessId: 0 }), "all are cold");
        Assert.Equal((KernelState.Idle, "nobody has used it for 20 s"), (reclaimed.State, reclaimed.Reclaimed!.Reason));
        Assert.InRange(_clock.GetUtcNow() - reclaimed.Reclaimed.Since, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        await kernel.Submit(Cell("m2"));
        var (again, second) = await cluster.Agents.NextRunAsync("m2");
        Assert.Equal((server, first.Replica, first.Order.Epoch, first.Order.Execution + 1), (again, second.Replica, second.Order.Epoch, second.Order.Execution));
        await GrainCluster.UntilAsync(kernel, v => v.ExecutorView is { ProcessId: > 0 }, "its process is up");
        cluster.Agents[server].Finish(second);
        var after = await GrainCluster.UntilAsync(
            kernel, v => v.State == KernelState.Idle && v.Replicas.All(r => r is { Standby: StandbyMode.Hot, ProcessId: > 0 }), "all are hot again");
        Assert.Equal((before.Session, before.Incarnation, before.Executor), (after.Session, after.Incarnation, after.Executor));
        Assert.Null(after.Reclaimed);
        Assert.True(watcher.HasHeardNoEnding);

        await PassAsync(cluster, 25);
        await GrainCluster.UntilAsync(kernel, v => v.Reclaimed is not null, "it is reclaimed again");
    }

    [VirtualTimeFact]
    public async Task A_message_wakes_it_for_its_executors_agent_says_that_its_process_came_up()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var executor = (await ReclaimedAsync(cluster, kernel)).ExecutorView!;
        cluster.Agents[executor.Server.Value].WakeUp(executor.Id, 5000);
        var after = await GrainCluster.UntilAsync(
            kernel, v => v.Reclaimed is null && v.Replicas.All(r => r.Standby == StandbyMode.Hot), "all come back");
        Assert.Equal((executor.Id, 5000), (after.Executor!.Value, after.ExecutorView!.ProcessId));
    }

    [VirtualTimeFact]
    public async Task A_standby_that_comes_up_for_a_moment_wakes_nobody()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var view = await ReclaimedAsync(cluster, kernel);
        var standby = view.Replicas.First(r => r.Id != view.Executor);
        cluster.Agents[standby.Server.Value].Reclaims = false;
        cluster.Agents[standby.Server.Value].WakeUp(standby.Id, 5000);   // to give its log a snapshot
        var after = await GrainCluster.UntilAsync(kernel, v => v.Replicas.Any(r => r.ProcessId == 5000), "it is up");
        Assert.NotNull(after.Reclaimed);
    }

    [VirtualTimeFact]
    public async Task A_client_that_uses_it_by_other_messages_keeps_its_processes()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        for (var n = 0; n < 6; n++)
        {
            await PassAsync(cluster, 10);
            await kernel.Used();
        }

        Assert.Null((await kernel.View())!.Reclaimed);
        await ReclaimedAsync(cluster, kernel);
    }

    [VirtualTimeFact]
    public async Task What_would_be_lost_keeps_the_processes_until_it_would_not()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var executor = (await kernel.View())!.ExecutorView!;
        var agent = cluster.Agents[executor.Server.Value];
        foreach (var held in (Func<ReplicaReport, ReplicaReport>[])
            [
                r => r with { AtRisk = new StateAtRisk(0, ["gen: a generator"]) },
                r => r with { AtRisk = new StateAtRisk(1000, []) },
                r => r with { Held = "a debugger is attached" },
            ])
        {
            var plain = agent.Replicas[executor.Id];
            agent.Report(held(plain));
            await GrainCluster.UntilAsync(kernel, v => v.ExecutorView is { } e && (e.AtRisk is not null || e.Held is not null), "it is told");
            await PassAsync(cluster, 60);
            Assert.Null((await kernel.View())!.Reclaimed);
            agent.Report(plain);
            await GrainCluster.UntilAsync(kernel, v => v.ExecutorView is { AtRisk: null, Held: null }, "it is over");
            await kernel.Used();
        }

        await ReclaimedAsync(cluster, kernel);
    }

    [VirtualTimeFact]
    public async Task A_cell_that_runs_or_waits_for_its_turn_or_for_gpus_keeps_the_processes()
    {
        await using var cluster = await GrainCluster.StartAsync(_clock, gpus: 1, policies: s_idle);
        var kernels = new List<IKernelGrain>();
        for (var n = 0; n < 4; n++) kernels.Add(await cluster.StartKernelAsync(gpus: 1));
        for (var n = 0; n < 3; n++)
        {
            await kernels[n].Submit(Cell($"m{n}"));
            await cluster.Agents.NextRunAsync($"m{n}");
            await kernels[n].Submit(Cell($"behind-{n}"));
        }

        await kernels[3].Submit(Cell("waits"));
        await GrainCluster.UntilAsync(kernels[3], v => v.Cells is [{ Running: false, WaitingFor: not null }], "all GPUs are taken");
        await PassAsync(cluster, 60);
        foreach (var kernel in kernels) Assert.Null((await kernel.View())!.Reclaimed);
    }

    [VirtualTimeFact]
    public async Task An_agent_whose_process_got_something_to_lose_meanwhile_keeps_it_and_the_kernel_is_not_reclaimed()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var executor = (await kernel.View())!.ExecutorView!;
        var agent = cluster.Agents[executor.Server.Value];
        agent.Reclaims = false;
        await PassAsync(cluster, 30);
        await GrainCluster.UntilAsync(kernel, v => v.Reclaimed is not null, "it is reclaimed");
        agent.Report(agent.Replicas[executor.Id] with { Held = "a debugger is attached" });
        var after = await GrainCluster.UntilAsync(
            kernel, v => v.Reclaimed is null && v.Replicas.All(r => r.Standby == StandbyMode.Hot), "it comes back");
        Assert.Equal(executor.ProcessId, after.ExecutorView!.ProcessId);
    }

    [VirtualTimeFact]
    public async Task A_replica_that_was_not_told_is_told_again()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var deaf = cluster.Agents["b"];
        deaf.Reclaims = false;
        await PassAsync(cluster, 30);
        await GrainCluster.UntilAsync(kernel, v => v.Replicas.Count(r => r.Standby == StandbyMode.Cold) == 2, "two of three are cold");
        deaf.Reclaims = true;
        await PassAsync(cluster, 10);
        await GrainCluster.UntilAsync(kernel, v => v.Reclaimed is not null && v.Replicas.All(r => r.Standby == StandbyMode.Cold), "all are");
    }

    [VirtualTimeFact]
    public async Task It_stays_reclaimed_when_the_silo_starts_anew_and_its_state_is_where_it_was()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var before = await ReclaimedAsync(cluster, kernel);
        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server, bootId: "boot-2");   // the servers too
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
        kernel = cluster.Grains.GetGrain<IKernelGrain>(before.Kernel.Value);
        var after = await GrainCluster.UntilAsync(
            kernel, v => v.Executor is not null && v.Replicas.All(r => r is { Phase: ReplicaPhase.Ready, Standby: StandbyMode.Cold }), "all are ready");
        Assert.Equal((before.Reclaimed, before.Session), (after.Reclaimed, after.Session));
        await kernel.Submit(Cell("m1"));
        await cluster.Agents.NextRunAsync("m1");
        await GrainCluster.UntilAsync(kernel, v => v.Reclaimed is null, "it is used");
    }

    [VirtualTimeFact]
    public async Task The_loss_of_the_executors_server_is_no_loss_of_a_reclaimed_kernel()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var before = await ReclaimedAsync(cluster, kernel);
        var lost = before.ExecutorView!.Server.Value;
        await cluster.Agents.DisconnectAsync(lost);
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(2));
        var after = await GrainCluster.UntilAsync(kernel, v => v.Executor is { } other && other != before.Executor, "another executor");
        Assert.Equal(before.Reclaimed, after.Reclaimed);
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.NotEqual(lost, server);
        Assert.Equal(after.Executor, run.Replica);
    }

    [VirtualTimeFact]
    public async Task A_restart_by_its_user_brings_it_back_with_nothing()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await ReclaimedAsync(cluster, kernel);
        await kernel.Restart();
        await GrainCluster.UntilAsync(
            kernel, v => v is { Reclaimed: null, Incarnation: 2 } && v.Replicas.All(r => r.ProcessId > 0), "fresh processes");
    }

    [VirtualTimeFact]
    public async Task A_policy_that_throws_leaves_the_kernel_as_it_is()
    {
        await using var cluster = await GrainCluster.StartAsync(_clock, policies: TestPlugins.Plan(PolicyKinds.Reclaim, new ScriptedReclaim(TimeSpan.FromSeconds(1), _ => throw new NotSupportedException("no idea"))));
        var kernel = await cluster.StartKernelAsync();
        await PassAsync(cluster, 30);
        Assert.Null((await kernel.View())!.Reclaimed);
        await kernel.Submit(Cell("m1"));
        await cluster.Agents.NextRunAsync("m1");
    }

    [VirtualTimeFact]
    public async Task Unless_an_operator_says_so_no_kernel_is_reclaimed()
    {
        await using var cluster = await GrainCluster.StartAsync(_clock);
        var kernel = await cluster.StartKernelAsync();
        await PassAsync(cluster, 600);
        Assert.Null((await kernel.View())!.Reclaimed);
    }

    private Task<GrainCluster> StartAsync() => GrainCluster.StartAsync(_clock, policies: s_idle);

    private static async Task<KernelView> ReclaimedAsync(GrainCluster cluster, IKernelGrain kernel)
    {
        await PassAsync(cluster, 30);
        return await GrainCluster.UntilAsync(kernel, v => v.Reclaimed is not null && v.Replicas.All(r => r.Standby == StandbyMode.Cold), "it is reclaimed");
    }

    /// <summary>Lets time pass, with the signs of life without which servers are given up, and every timer's turn done.</summary>
    private static async Task PassAsync(GrainCluster cluster, int seconds)
    {
        for (var passed = 0; passed < seconds; passed += 5)
        {
            foreach (var server in (string[])["a", "b", "c"])
            {
                if (!cluster.Agents[server].Connected) continue;
                await cluster.Agents.Grain(new ServerId(server)).Heartbeat(new ServerLoad(0, 0, 0, 0));
                await cluster.Agents.Grain(new ServerId(server)).Release(new KernelId("none"), 0);   // an answer after the heartbeat, which has none
            }

            await cluster.AdvanceAsync(TimeSpan.FromSeconds(5));
            foreach (var kernel in await cluster.Manager.Kernels()) await cluster.WatchAsync(cluster.Grains.GetGrain<IKernelGrain>(kernel.Kernel.Value));   // a turn of its own, after the timers'
        }
    }

    private static CellSubmission Cell(string id) => new(id, null, true, false);
}
