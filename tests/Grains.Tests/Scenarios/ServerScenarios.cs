namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Servers that go, come back, and come new.</summary>
public sealed class ServerScenarios
{
    [VirtualTimeFact]
    public async Task A_server_that_stays_away_for_a_second_is_down_and_its_cell_lost_then_and_not_at_the_next_tick()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock);
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(0.5));   // ticks come at whole seconds
        await cluster.Agents.DisconnectAsync(server);
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(0.9));
        Assert.Equal(ServerState.Suspect, (await cluster.Agents.Grain(new ServerId(server)).View())!.State);
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(0.1));

        var ending = await watcher.NextEndingAsync("m1");
        Assert.Equal(CellEndKind.ExecutorLost, ending.Kind);
        Assert.Contains($"server {server}", ending.Reason, StringComparison.Ordinal);
        Assert.Equal(ServerState.Down, (await cluster.Agents.Grain(new ServerId(server)).View())!.State);

        // It comes back after all, with the old process: as a standby, for another one leads by now.
        await cluster.Agents.ConnectAsync(server);
        var after = await GrainCluster.UntilAsync(kernel, v => v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "all are back");
        Assert.NotEqual(run.Replica, after.Executor);
    }

    /// <summary>A timer of a second may end a moment before the clock has gone on by one.</summary>
    [VirtualTimeFact]
    public async Task A_server_that_stays_away_is_down_also_where_the_timer_is_ahead_of_the_clock()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock);
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        var (server, _) = await cluster.Agents.NextRunAsync("m1");
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(5));   // by then the server has nothing to look after every second
        await cluster.Agents.DisconnectAsync(server);
        clock.WallClockLag = TimeSpan.FromMilliseconds(1);
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
        await cluster.AdvanceAsync(TimeSpan.FromMilliseconds(50));

        Assert.Equal(CellEndKind.ExecutorLost, (await watcher.NextEndingAsync("m1")).Kind);
    }

    [Fact]
    public async Task A_server_whose_leases_could_not_be_stored_grants_again_once_its_agent_has_registered_again()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: "a");
        var (first, second) = (await cluster.StartKernelAsync(gpus: 1), await cluster.StartKernelAsync(gpus: 1));
        cluster.Writes.FailNext(cluster.Agents.Grain(new ServerId("a")));
        await first.Submit(Cell("m1"));
        await second.Submit(Cell("n1"));
        string[] run =
        [
            (await cluster.Agents.NextRunAsync("the one cell")).Run.Order.MessageId,
            (await cluster.Agents.NextRunAsync("the other")).Run.Order.MessageId,
        ];
        Assert.Equal(["m1", "n1"], run.Order());
    }

    [Fact]
    public async Task Replicas_that_are_not_placed_on_a_server_are_stopped()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var stray = new ReplicaId("11111111-2222-3333-4444-555555555555/1");
        cluster.Agents["a"].Replicas[stray] = new ReplicaReport(stray, 1, ReplicaPhase.Ready, 5, null, null);
        await cluster.Agents.ConnectAsync("a");
        Assert.Contains(cluster.Agents.Log, e => e.Command is AgentCommand.StopReplica { Replica: var r } && r == stray);
    }

    [Fact]
    public async Task A_server_that_comes_up_takes_the_missing_replicas()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: ["a", "b"]);
        var kernel = await cluster.StartKernelAsync();
        Assert.Equal(2, (await kernel.View())!.Replicas.Length);
        await cluster.Agents.ConnectAsync("c");
        var view = await GrainCluster.UntilAsync(kernel, v => v.Replicas.Length == 3 && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "a third replica");
        Assert.Equal(["a", "b", "c"], view.Replicas.Select(r => r.Server.Value).Order());
    }

    [Fact]
    public async Task A_kernel_whose_processes_never_come_up_is_dead_in_the_end_and_can_be_restarted()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: "a");
        cluster.Agents.StartsProcesses = false;
        var started = Assert.IsType<StartKernelOutcome.Started>(await cluster.Manager.StartKernel(
            new KernelRequest(null, "", "u", ImmutableDictionary<string, string>.Empty, null, ResourceRequest.CpuOnly)));
        var kernel = cluster.Grains.GetGrain<IKernelGrain>(started.View.Kernel.Value);
        var replica = started.View.Replicas.Single().Id;
        cluster.Agents["a"].Report(new ReplicaReport(replica, 1, ReplicaPhase.Stopped, 0, "the kernelspec is gone", null));
        var dead = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Dead, "it is dead");
        Assert.Contains("the kernelspec is gone", dead.Reason, StringComparison.Ordinal);
        Assert.Contains("dead", Assert.IsType<SubmitOutcome.Refused>(await kernel.Submit(Cell("m1"))).Reason, StringComparison.Ordinal);

        cluster.Agents.StartsProcesses = true;
        await kernel.Restart();
        await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "it lives again");
    }

    [Fact]
    public async Task Requests_that_cannot_be_met_are_answered_with_what_there_is()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: "a");
        var environment = ImmutableDictionary<string, string>.Empty;
        var unknown = await cluster.Manager.StartKernel(new KernelRequest(null, "julia", "u", environment, null, null));
        Assert.Equal(["python3"], Assert.IsType<StartKernelOutcome.NoSuchSpec>(unknown).Known.ToArray());
        await cluster.Agents.DisconnectAsync("a");
        Assert.IsType<StartKernelOutcome.NoServers>(await cluster.Manager.StartKernel(new KernelRequest(null, "", "u", environment, null, null)));
    }

    private static CellSubmission Cell(string id) => new(id, null, StopOnError: true, Started: false);
}
