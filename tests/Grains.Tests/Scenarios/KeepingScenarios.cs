namespace Notebook.Grains.Tests.Scenarios;

/// <summary>How a kernel's state is kept: asked for, chosen by the operator, changed while it runs.</summary>
public sealed class KeepingScenarios
{
    [Fact]
    public async Task What_the_user_asks_for_reaches_all_agents_and_is_seen()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(keeping: new KeepingRequest(Durability.All, StandbyMode.Cold));
        Assert.All(Starts(cluster), start => Assert.Equal(new Keeping(Durability.All, StandbyMode.Cold), start.Assignment.Keeping));
        var view = (await kernel.View())!;
        Assert.Equal((Durability.All, "cold"), (view.Durability, view.Standbys));
        Assert.All(view.Replicas, r => Assert.Equal((StandbyMode.Cold, 0), (r.Standby, r.ProcessId)));
        Assert.NotNull(view.Executor);
    }

    [Fact]
    public async Task A_cell_runs_at_a_cold_replica_and_the_loss_of_that_one_is_no_loss_of_the_kernel()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(keeping: new KeepingRequest(null, StandbyMode.Cold));
        await kernel.Submit(new CellSubmission("m1", null, true, false));
        var (first, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[first].Report(cluster.Agents[first].Replicas[run.Replica] with { ProcessId = 77, Standby = StandbyMode.Hot });
        cluster.Agents[first].Finish(run);
        await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "the cell has ended");
        cluster.Agents.StartsProcesses = false;
        cluster.Agents[first].Kill(run.Replica);
        await GrainCluster.UntilAsync(kernel, v => v.Executor is { } other && other != run.Replica, "another executor");
        await kernel.Submit(new CellSubmission("m2", null, true, false));
        var (second, again) = await cluster.Agents.NextRunAsync("m2");
        Assert.NotEqual(first, second);
        Assert.True(again.Order.Epoch > run.Order.Epoch);
    }

    [Fact]
    public async Task A_change_is_told_to_the_agents_and_no_process_starts_anew()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var before = (await kernel.View())!.Replicas.Select(r => r.ProcessId).ToArray();
        var view = (await kernel.Keep(new KeepingRequest(Durability.All, null)))!;
        Assert.Equal((Durability.All, "hot"), (view.Durability, view.Standbys));
        Assert.Equal(before, view.Replicas.Select(r => r.ProcessId));
        Assert.Equal(3, Starts(cluster).Count(s => s.Assignment is { Incarnation: 1, Keeping.Durability: Durability.All }));
        Assert.Null(await cluster.Grains.GetGrain<IKernelGrain>("no-kernel").Keep(KeepingRequest.Default));
    }

    [Fact]
    public async Task A_change_outlives_the_silo_and_reaches_an_agent_that_was_away()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel.Value;
        await cluster.Agents.DisconnectAsync("a");
        await kernel.Keep(new KeepingRequest(null, StandbyMode.Warm));
        Assert.DoesNotContain(Starts(cluster, "a"), s => s.Assignment.Keeping.Standby == StandbyMode.Warm);
        await cluster.Agents.ConnectAsync("a");
        await GrainCluster.UntilAsync(
            () => Task.FromResult(Starts(cluster, "a").Any(s => s.Assignment.Keeping.Standby == StandbyMode.Warm)), "the agent of a is told");

        await cluster.RestartSiloAsync(crash: true);
        Assert.Equal("warm", (await cluster.Grains.GetGrain<IKernelGrain>(id).View())!.Standbys);
    }

    [Fact]
    public async Task Kernels_that_ask_for_nothing_follow_the_operator()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var follows = (await (await cluster.StartKernelAsync()).View())!.Kernel.Value;
        var asks = (await (await cluster.StartKernelAsync(keeping: new KeepingRequest(null, StandbyMode.Hot))).View())!.Kernel.Value;
        cluster.Keeping = new Keeping(Durability.All, StandbyMode.Cold);
        await cluster.RestartSiloAsync();
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server);
        var view = (await cluster.Grains.GetGrain<IKernelGrain>(follows).View())!;
        Assert.Equal((Durability.All, "cold"), (view.Durability, view.Standbys));
        Assert.Equal("hot", (await cluster.Grains.GetGrain<IKernelGrain>(asks).View())!.Standbys);
        await GrainCluster.UntilAsync(
            () => Task.FromResult(((string[])["a", "b", "c"]).All(server => Starts(cluster, server).Any(
                s => s.Replica.Kernel.Value == follows && s.Assignment.Keeping == cluster.Keeping))),
            "all agents are told");
    }

    private static IEnumerable<AgentCommand.StartReplica> Starts(GrainCluster cluster, string? server = null) =>
        cluster.Agents.Log.Where(e => server is null || e.Server.Value == server).Select(e => e.Command).OfType<AgentCommand.StartReplica>();
}
