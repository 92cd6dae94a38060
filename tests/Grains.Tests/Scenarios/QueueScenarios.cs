namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Cells that find no GPUs free wait in the cluster's queue, and kernels move to where there are some.</summary>
public sealed class QueueScenarios
{
    [Fact]
    public async Task A_kernel_moves_to_a_server_with_room_and_runs_there()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: ["a", "b", "c"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await TakeAsync(cluster, "a", "b", "c");
        await kernel.Submit(Cell("m1"));
        var waiting = await GrainCluster.UntilAsync(kernel, v => v.Cells is [{ WaitingFor: not null }], "it waits");
        Assert.Contains("place 1 of 1 in the cluster's queue", waiting.Cells[0].WaitingFor, StringComparison.Ordinal);

        await cluster.Agents.ConnectAsync("d", gpus: 1);
        var (server, run) = await cluster.Agents.NextRunAsync("m1, after a move");
        Assert.Equal("d", server);
        var after = await GrainCluster.UntilAsync(kernel, v => v.Replicas.Length == 3 && v.Moving is null, "the old replica went");
        Assert.Equal(run.Replica, after.Executor);
        Assert.Equal(4, run.Replica.Number);
        var view = await cluster.Manager.View();
        Assert.Empty(view.Queue);
        Assert.Empty(view.Moves);
        Assert.Equal("d", view.Servers.Single(s => s.Gpus.Any(g => g.Lease?.Kernel == after.Kernel)).Server.Value);
    }

    [Fact]
    public async Task A_move_that_fails_is_rolled_back_and_the_cell_runs_where_room_comes()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: ["a", "b", "c"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var holders = await TakeAsync(cluster, "a", "b", "c");
        cluster.Agents.StartsProcesses = false;
        await cluster.Agents.ConnectAsync("d", gpus: 1);
        await kernel.Submit(Cell("m1"));
        var moving = await GrainCluster.UntilAsync(kernel, v => v.Moving is not null, "it moves");
        var added = moving.Replicas.Single(r => r.Server.Value == "d");
        await GrainCluster.UntilAsync(   // before that nobody would listen to what is said of it
            () => Task.FromResult(cluster.Agents.Log.Any(e => e.Command is AgentCommand.StartReplica start && start.Replica == added.Id)), "it is to start on d");
        cluster.Agents["d"].Report(new ReplicaReport(added.Id, added.Incarnation, ReplicaPhase.Stopped, 0, "its disk is full", null));
        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null, "the move is over");
        Assert.Equal(["a", "b", "c"], after.Replicas.Select(r => r.Server.Value).Order());
        await GrainCluster.UntilAsync(
            () => Task.FromResult(cluster.Agents.Log.Any(e => e.Command is AgentCommand.StopReplica stop && stop.Replica == added.Id)), "the new one is stopped");
        Assert.True(cluster.Agents.NoRunIsOrdered);

        await cluster.Agents.Grain(new("b")).Release(holders["b"], 1);
        var (server, _) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal("b", server);
    }

    [Fact]
    public async Task A_cell_of_the_cpu_runs_while_a_replica_moves()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: ["a", "b", "c"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        cluster.Agents.StartsProcesses = false;
        await cluster.Agents.ConnectAsync("d", gpus: 1);
        var before = (await kernel.View())!;
        await kernel.Move(before.Replicas.Single(r => r.Server.Value == "c").Id, new("d"), "the test wants it");
        await GrainCluster.UntilAsync(kernel, v => v.Moving is not null, "it moves");
        await kernel.Submit(Cell("m1") with { Resources = ResourceRequest.CpuOnly });
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[server].Finish(run);
        var view = await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "it ended");
        Assert.NotNull(view.Moving);
        Assert.Equal(4, view.Replicas.Length);
    }

    [Fact]
    public async Task The_executor_moves_only_when_its_cell_has_ended()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: ["a", "b", "c"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        await cluster.Agents.ConnectAsync("d", gpus: 1);
        await kernel.Move(run.Replica, new("d"), "the test wants it");
        var both = await GrainCluster.UntilAsync(kernel, v => v.Replicas.Length == 4 && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "the new one is ready");
        Assert.Equal(run.Replica, both.Executor);
        cluster.Agents[server].Finish(run);
        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null, "the move is over");
        Assert.Equal(4, after.Executor!.Value.Number);
        Assert.DoesNotContain(after.Replicas, r => r.Id == run.Replica);
    }

    [VirtualTimeFact]
    public async Task A_move_whose_replica_does_not_come_up_is_rolled_back_after_a_minute()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, gpus: 1, servers: ["a", "b", "c"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        cluster.Agents.StartsProcesses = false;
        await cluster.Agents.ConnectAsync("d", gpus: 1);
        await kernel.Move((await kernel.View())!.Replicas[2].Id, new("d"), "the test wants it");
        await GrainCluster.UntilAsync(kernel, v => v.Moving is not null, "it moves");
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.NotNull((await kernel.View())!.Moving);
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null, "the move is over");
        Assert.Equal(["a", "b", "c"], after.Replicas.Select(r => r.Server.Value).Order());
    }

    [Fact]
    public async Task A_move_goes_on_after_a_crash_of_the_silo()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: ["a", "b", "c", "d"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var before = (await kernel.View())!;
        var target = ((string[])["a", "b", "c", "d"]).Single(s => before.Replicas.All(r => r.Server.Value != s));
        cluster.Agents.StartsProcesses = false;
        await kernel.Move(before.Replicas[0].Id, new(target), "the test wants it");
        await GrainCluster.UntilAsync(
            () => Task.FromResult(cluster.Agents.Log.Any(e => e.Server.Value == target && e.Command is AgentCommand.StartReplica)), "the new one is ordered");
        await cluster.RestartSiloAsync(crash: true);
        cluster.Agents.StartsProcesses = true;
        foreach (var server in (string[])["a", "b", "c", "d"]) await cluster.Agents.ConnectAsync(server, gpus: 1);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(before.Kernel.Value);
        var after = await GrainCluster.UntilAsync(kernel, v => v.Moving is null && v.Replicas.Length == 3, "the move is done");
        Assert.Contains(after.Replicas, r => r.Server.Value == target);
        Assert.DoesNotContain(after.Replicas, r => r.Id == before.Replicas[0].Id);
    }

    [Fact]
    public async Task Cells_wait_in_the_order_of_their_coming_also_over_a_crash_of_the_silo()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: "a");
        var holder = await cluster.StartKernelAsync(gpus: 1);
        await holder.Submit(Cell("h"));
        var (_, held) = await cluster.Agents.NextRunAsync("h");
        var ids = new List<KernelId>();
        for (var i = 0; i < 3; i++)
        {
            var kernel = await cluster.StartKernelAsync(gpus: 1);
            ids.Add((await kernel.View())!.Kernel);
            await kernel.Submit(Cell($"m{i}"));
            await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Queue.Length == ids.Count, $"{ids.Count} wait");
        }

        Assert.Equal(ids, (await cluster.Manager.View()).Queue.Select(q => q.Kernel));
        await cluster.RestartSiloAsync(crash: true);
        await cluster.Agents.ConnectAsync("a", gpus: 1);
        for (var i = 2; i >= 0; i--)   // gateways come back in any order
        {
            var kernel = cluster.Grains.GetGrain<IKernelGrain>(ids[i].Value);
            await GrainCluster.UntilAsync(kernel, v => v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "it is up");
            Assert.IsType<SubmitOutcome.Accepted>(await kernel.Submit(Cell($"m{i}")));
        }

        cluster.Agents["a"].Finish(held);
        for (var i = 0; i < 3; i++)
        {
            var (_, run) = await cluster.Agents.NextRunAsync($"m{i}");
            Assert.Equal($"m{i}", run.Order.MessageId);
            cluster.Agents["a"].Finish(run);
        }
    }

    [Fact]
    public async Task A_cell_that_is_interrupted_while_it_waits_leaves_the_queue()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: "a");
        await TakeAsync(cluster, "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1"));
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Queue.Length == 1, "it waits");
        Assert.True(await kernel.Interrupt());
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Queue.IsEmpty, "it waits no more");
    }

    [Fact]
    public async Task A_kernel_that_is_shut_down_while_it_waits_leaves_the_queue()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: "a");
        await TakeAsync(cluster, "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1"));
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Queue.Length == 1, "it waits");
        Assert.True(await kernel.Shutdown());
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Queue.IsEmpty, "it waits no more");
    }

    [VirtualTimeFact]
    public async Task A_cell_that_waits_for_a_minute_is_overtaken_no_more()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, gpus: 2, servers: ["a"]);
        var holders = await TakeAsync(cluster, "a");   // one of the two
        var large = await cluster.StartKernelAsync(gpus: 2);
        await large.Submit(Cell("large"));
        await GrainCluster.UntilAsync(large, v => v.Cells is [{ WaitingFor: not null }], "it waits");
        var small = await cluster.StartKernelAsync(gpus: 1);
        await small.Submit(Cell("s1"));
        var (_, first) = await cluster.Agents.NextRunAsync("s1, which overtakes");
        Assert.Equal("s1", first.Order.MessageId);
        await PassAsync(
            cluster, clock, TimeSpan.FromSeconds(90), async () => (await cluster.Manager.View()).Servers.Single().Account.Held.Gpus == 2, "room is kept for the large one");
        cluster.Agents["a"].Finish(first);
        await GrainCluster.UntilAsync(small, v => v.Cells.IsEmpty, "s1 ended");
        await small.Submit(Cell("s2"));
        await GrainCluster.UntilAsync(small, v => v.Cells is [{ WaitingFor: not null }], "s2 waits");
        await cluster.Agents.Grain(new("a")).Release(holders["a"], 1);
        var (_, second) = await cluster.Agents.NextRunAsync("the large one");
        Assert.Equal("large", second.Order.MessageId);
        cluster.Agents["a"].Finish(second);
        var (_, third) = await cluster.Agents.NextRunAsync("s2");
        Assert.Equal("s2", third.Order.MessageId);
    }

    [Fact]
    public async Task Kernels_that_would_promise_too_much_are_refused_with_the_limit()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: "a");
        for (var i = 0; i < 7 * 3; i++) Assert.IsType<StartKernelOutcome.Started>(await cluster.Manager.StartKernel(OneGpu()));
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.Single().PromisedGpus == 21, "all are promised");
        var refused = Assert.IsType<StartKernelOutcome.Refused>(await cluster.Manager.StartKernel(OneGpu()));
        Assert.Contains("GPUs 7 times", refused.Reason, StringComparison.Ordinal);
        Assert.IsType<StartKernelOutcome.Started>(await cluster.Manager.StartKernel(OneGpu() with { Resources = ResourceRequest.CpuOnly }));
    }

    private static KernelRequest OneGpu() =>
        new(null, "", "u", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(1));

    /// <summary>One GPU of each server is somebody else's.</summary>
    private static async Task<Dictionary<string, KernelId>> TakeAsync(GrainCluster cluster, params string[] servers)
    {
        var holders = new Dictionary<string, KernelId>();
        foreach (var server in servers)
        {
            holders[server] = new KernelId(Guid.NewGuid().ToString());
            Assert.IsType<LeaseOutcome.Granted>(await cluster.Agents.Grain(new(server)).Lease(holders[server], "somebody", 1, new(1, 0, 0, 0)));
        }

        await GrainCluster.UntilAsync(
            async () => (await cluster.Manager.View()).Servers.Where(s => servers.Contains(s.Server.Value)).All(s => s.Account.Committed.Gpus == 1), "they are held");
        return holders;
    }

    /// <summary>Time passes in seconds, and the agents beat, until it is so.</summary>
    private static async Task PassAsync(GrainCluster cluster, ManualTimeProvider clock, TimeSpan limit, Func<Task<bool>> condition, string what)
    {
        for (var second = 0; second < limit.TotalSeconds; second++)
        {
            if (await condition()) return;
            await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
            foreach (var server in (await cluster.Manager.View()).Servers) await cluster.Agents.Grain(server.Server).Heartbeat(server.Load);
        }

        Assert.Fail($"not within {limit}: {what}");
    }

    private static CellSubmission Cell(string id) => new(id, null, StopOnError: true, Started: false);
}
