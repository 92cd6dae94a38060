using Notebook.Grains.Policies.Catalog;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>A kernel of one replica moves: nothing else has its state, so the old replica stays until the new one is all there is.</summary>
public sealed class OnlyReplicaScenarios
{
    [Fact]
    public async Task A_drained_server_hands_its_kernels_over_and_the_next_cell_runs_elsewhere()
    {
        await using var cluster = await StartAsync("batch", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await RunAsync(cluster, kernel, "m1");
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        Assert.NotNull(await cluster.Manager.Drain(new("a"), drain: true));
        await GrainCluster.UntilAsync(async () => (await cluster.Agents.Grain(new("a")).View())!.Replicas.IsEmpty, "a is empty");

        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null, "it moved");
        Assert.Equal(("b", after.Executor), (Assert.Single(after.Replicas).Server.Value, after.Replicas[0].Id));
        Assert.Equal("b", (await RunAsync(cluster, kernel, "m2")).Order.Lease!.Server.Value);
        var story = Story(cluster).ToList();
        string[] steps = ["b: start 2 (1 Stays, 2 Joins)", "a: peers of 1 (1 Leaves, 2 Stays)", "b: peers of 2 (2 Stays)", "a: stop 1"];
        Assert.Equal(steps, steps.OrderBy(story.IndexOf));
        Assert.All(steps, step => Assert.Contains(step, story));
    }

    [Fact]
    public async Task The_old_replica_is_stopped_only_when_the_new_one_says_that_it_is_alone_and_cells_wait_until_then()
    {
        await using var cluster = await StartAsync("gandiva", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        var next = await BeginHandOverAsync(cluster, kernel);
        await kernel.Submit(Cell("m1"));
        var waiting = await GrainCluster.UntilAsync(kernel, v => v.Cells is [{ WaitingFor: not null }], "its cell waits");
        Assert.Equal("server b to take the kernel over", waiting.Cells[0].WaitingFor);
        Assert.True(cluster.Agents.NoRunIsOrdered);
        Assert.DoesNotContain(cluster.Agents.Log, e => e.Command is AgentCommand.StopReplica);

        cluster.Agents["b"].Report(cluster.Agents["b"].Replicas[next] with { IsAlone = true });
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal(("b", next), (server, run.Replica));
        Assert.Contains(cluster.Agents.Log, e => e.Command is AgentCommand.StopReplica && e.Server.Value == "a");
        cluster.Agents[server].Finish(run);
        Assert.Equal(next, Assert.Single((await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "it ended")).Replicas).Id);
    }

    [Fact]
    public async Task A_cell_that_runs_ends_where_it_began_before_the_kernel_is_handed_over()
    {
        await using var cluster = await StartAsync("gandiva", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        await kernel.Move(run.Replica, new("b"), "the test wants it");
        await GrainCluster.UntilAsync(kernel, v => v.Replicas.Length == 2 && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "the new one has everything");
        await kernel.Submit(Cell("m2"));
        Assert.DoesNotContain(Story(cluster), line => line.Contains("Leaves", StringComparison.Ordinal));
        cluster.Agents[server].Finish(run);
        Assert.Equal("b", (await cluster.Agents.NextRunAsync("m2")).Server);
    }

    [VirtualTimeFact]
    public async Task A_hand_over_that_does_not_come_to_its_end_is_rolled_back_and_the_old_replica_goes_on_alone()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, gpus: 1, policies: PolicyCatalog.BuiltIn.Plan([], "gandiva"), servers: ["a"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var before = (await kernel.View())!;
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        await BeginHandOverAsync(cluster, kernel);
        await kernel.Submit(Cell("m1"));
        await PassAsync(cluster, clock, seconds: 14);
        Assert.NotNull((await kernel.View())!.Moving);
        await PassAsync(cluster, clock, seconds: 1);
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal(("a", before.Executor), (server, run.Replica));
        Assert.Contains("a: peers of 1 (1 Stays)", Story(cluster));
        Assert.Contains("b: stop 2", Story(cluster));
        var after = (await kernel.View())!;
        Assert.Equal((before.Executor, 1), (after.Executor, after.Replicas.Length));
    }

    [Fact]
    public async Task When_the_new_servers_agent_is_gone_before_it_has_everything_the_move_is_given_up()
    {
        await using var cluster = await StartAsync("lcp", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        cluster.Agents.StartsProcesses = false;
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        var (_, added) = await BeginMoveAsync(cluster, kernel);
        cluster.Agents["b"].Report(new ReplicaReport(added.Id, added.Incarnation, ReplicaPhase.Stopped, 0, "its disk is full", null));
        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null, "it stays");
        Assert.Equal("a", Assert.Single(after.Replicas).Server.Value);
        Assert.Equal("a", (await RunAsync(cluster, kernel, "m1")).Order.Lease!.Server.Value);
    }

    [Fact]
    public async Task When_the_old_servers_agent_is_lost_in_the_middle_it_is_waited_for_and_the_move_goes_on()
    {
        await using var cluster = await StartAsync("gandiva", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await RunAsync(cluster, kernel, "m1");
        cluster.Agents.StartsProcesses = false;
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        var (from, added) = await BeginMoveAsync(cluster, kernel);
        cluster.Agents["a"].Kill(from);
        await GrainCluster.UntilAsync(kernel, v => v.Executor is null, "it has no executor");
        cluster.Agents["b"].Report(new ReplicaReport(added.Id, added.Incarnation, ReplicaPhase.Ready, 77, null, null));
        await kernel.Submit(Cell("m2"));
        var waiting = await GrainCluster.UntilAsync(kernel, v => v.Cells is [{ WaitingFor: not null }] && v.Replicas[1].Phase == ReplicaPhase.Ready, "its cell waits");
        Assert.Null(waiting.Executor);   // who only learns may lack something
        Assert.True(cluster.Agents.NoRunIsOrdered);
        cluster.Agents["a"].Report(new ReplicaReport(from, added.Incarnation, ReplicaPhase.Ready, 78, null, null));
        var (server, run) = await cluster.Agents.NextRunAsync("m2");
        cluster.Agents[server].Finish(run);
        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null && v.Cells.IsEmpty, "it moved");
        Assert.Equal("b", Assert.Single(after.Replicas).Server.Value);
    }

    [Fact]
    public async Task A_hand_over_goes_on_after_a_crash_of_the_silo()
    {
        await using var cluster = await StartAsync("gandiva", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        var next = await BeginHandOverAsync(cluster, kernel);
        await cluster.RestartSiloAsync(crash: true);
        cluster.Agents.TakesOver = true;
        foreach (var server in (string[])["a", "b"]) await cluster.Agents.ConnectAsync(server, gpus: 1);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(next.Kernel.Value);
        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null, "the move is done");
        Assert.Equal((next, 1), (after.Executor, after.Replicas.Length));
    }

    [Fact]
    public async Task A_cell_for_which_the_only_replicas_server_has_no_room_takes_the_kernel_to_one_that_has()
    {
        await using var cluster = await StartAsync("batch", "a");
        var holder = await cluster.StartKernelAsync(gpus: 1);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await holder.Submit(Cell("h"));
        await cluster.Agents.NextRunAsync("h");
        await kernel.Submit(Cell("m1"));
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        Assert.Equal("b", (await cluster.Agents.NextRunAsync("m1, after a move")).Server);
    }

    [Fact]
    public async Task Reserved_GPUs_go_with_the_kernel_where_its_operator_lets_it_move()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, policies: PolicyCatalog.BuiltIn.Plan(["migration=cheapest"], "reservation"), servers: "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await cluster.Agents.ConnectAsync("b", gpus: 1);
        await cluster.Manager.Drain(new("a"), drain: true);
        await GrainCluster.UntilAsync(kernel, v => v is { Moving: null, Reserved.Server.Value: "b" }, "its GPUs are at b");
        Assert.Null((await cluster.Agents.Grain(new("a")).View())!.Gpus[0].Lease);
    }

    [Fact]
    public async Task An_only_replica_that_is_not_up_stays_and_who_drains_is_told_so()
    {
        await using var cluster = await StartAsync("batch", "a", "b");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var replica = (await kernel.View())!.Replicas[0];
        cluster.Agents.StartsProcesses = false;
        cluster.Agents[replica.Server.Value].Kill(replica.Id);
        await GrainCluster.UntilAsync(kernel, v => v.Executor is null, "it has no executor");
        Assert.Equal($"replica {replica.Id} stays until it is up: nothing else has its kernel's state", (await cluster.Manager.Drain(replica.Server, drain: true))!.Reason);
    }

    /// <summary>Seconds pass, and the agents beat.</summary>
    private static async Task PassAsync(GrainCluster cluster, ManualTimeProvider clock, int seconds)
    {
        for (; seconds > 0; seconds--)
        {
            await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
            foreach (var server in (string[])["a", "b"]) await cluster.Agents.Grain(new(server)).Heartbeat(cluster.Agents[server].Registration.Load);
        }
    }

    /// <summary>The only replica moves to b, whose agent has been told so: before that nobody would listen to what it says of the new one.</summary>
    private static async Task<(ReplicaId From, ReplicaView Added)> BeginMoveAsync(GrainCluster cluster, IKernelGrain kernel)
    {
        var from = (await kernel.View())!.Replicas[0].Id;
        await kernel.Move(from, new("b"), "the test wants it");
        var added = (await GrainCluster.UntilAsync(kernel, v => v.Moving is not null, "it moves")).Replicas[1];
        await GrainCluster.UntilAsync(
            () => Task.FromResult(cluster.Agents.Log.Any(e => e.Command is AgentCommand.StartReplica start && start.Replica == added.Id)), "it is to start on b");
        return (from, added);
    }

    /// <summary>Moves the only replica to server b, which does not say that it has taken over.</summary>
    /// <returns>The new replica.</returns>
    private static async Task<ReplicaId> BeginHandOverAsync(GrainCluster cluster, IKernelGrain kernel)
    {
        cluster.Agents.TakesOver = false;
        await kernel.Move((await kernel.View())!.Replicas[0].Id, new("b"), "the test wants it");
        await GrainCluster.UntilAsync(
            () => Task.FromResult(Story(cluster).Contains("b: peers of 2 (1 Leaves, 2 Stays)")), "the new one is told to take over", () => string.Join('\n', Story(cluster)));
        return (await kernel.View())!.Replicas[1].Id;
    }

    /// <summary>What the agents were told of replicas, in order.</summary>
    private static IEnumerable<string> Story(GrainCluster cluster) => cluster.Agents.Log.Select(e => $"{e.Server}: " + e.Command switch
    {
        AgentCommand.StartReplica start => $"start {start.Replica.Number} ({Text(start.Assignment.Peers)})",
        AgentCommand.SetPeers set => $"peers of {set.Replica.Number} ({Text(set.Peers)})",
        AgentCommand.StopReplica stop => $"stop {stop.Replica.Number}",
        var other => other.GetType().Name,
    });

    private static string Text(ImmutableArray<ReplicaPeer> peers) => string.Join(", ", peers.Select(p => $"{p.Replica.Number} {p.Standing}"));

    private static Task<GrainCluster> StartAsync(string regime, params string[] servers) =>
        GrainCluster.StartAsync(gpus: 1, policies: PolicyCatalog.BuiltIn.Plan([], regime), servers: servers);

    private static CellSubmission Cell(string messageId) => new(messageId, null, true, false);

    private static async Task<AgentCommand.RunCell> RunAsync(GrainCluster cluster, IKernelGrain kernel, string cell)
    {
        await kernel.Submit(Cell(cell));
        var (server, run) = await cluster.Agents.NextRunAsync(cell);
        cluster.Agents[server].Finish(run);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, $"{cell} has ended");
        return run;
    }
}
