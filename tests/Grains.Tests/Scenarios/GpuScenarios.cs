namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Several kernels that want the same GPUs.</summary>
public sealed class GpuScenarios
{
    [Fact]
    public async Task A_cell_without_a_word_on_gpus_gets_one_where_there_are_gpus()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(gpus: null);
        await kernel.Submit(Cell("m1"));
        var (_, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal([0], run.Order.Lease!.Devices.ToArray());
    }

    [Fact]
    public async Task The_first_cell_goes_to_another_replica_where_there_is_room()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1);
        HashSet<string> used = [];
        for (var i = 0; i < 3; i++)
        {
            var kernel = await cluster.StartKernelAsync(gpus: 1);
            await kernel.Submit(Cell("m1"));
            var (server, run) = await cluster.Agents.NextRunAsync($"of kernel {i}");
            Assert.True(used.Add(server), $"two cells hold the GPU of {server}");
            Assert.Equal(run.Replica, (await kernel.View())!.Executor);
        }
    }

    [Fact]
    public async Task A_later_cell_goes_where_there_is_room_when_its_executors_server_has_none()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1);
        var first = await cluster.StartKernelAsync(gpus: 1);
        await first.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("the first kernel's cell");
        cluster.Agents[server].Finish(run);
        await GrainCluster.UntilAsync(first, v => v.State == KernelState.Idle, "its end");

        var second = await cluster.StartKernelAsync(gpus: 1);
        await FillAsync(cluster, second, server);
        await first.Submit(Cell("m2"));
        var (there, next) = await cluster.Agents.NextRunAsync("m2");
        Assert.NotEqual(server, there);
        Assert.Equal("m2", next.Order.MessageId);
        Assert.True(next.Order.Epoch > run.Order.Epoch);
    }

    [Fact]
    public async Task A_later_cell_that_finds_room_nowhere_says_so_and_runs_when_there_is_some()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: "a");
        var first = await cluster.StartKernelAsync(gpus: 1);
        await first.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("the first kernel's cell");
        cluster.Agents[server].Finish(run);
        await GrainCluster.UntilAsync(first, v => v.State == KernelState.Idle, "its end");

        var second = await cluster.StartKernelAsync(gpus: 1);
        await FillAsync(cluster, second, server);
        await first.Submit(Cell("m2"));
        var waiting = await GrainCluster.UntilAsync(first, v => v.Cells is [{ WaitingFor: not null }], "it waits");
        Assert.Contains($"1 GPU: the kernel's servers ({server}) have at most 0 GPUs free", waiting.Cells[0].WaitingFor, StringComparison.Ordinal);
        Assert.Contains("place 1 of 1 in the cluster's queue", waiting.Cells[0].WaitingFor, StringComparison.Ordinal);
        Assert.True(cluster.Agents.NoRunIsOrdered);

        cluster.Agents[server].Finish(_filler!);
        var (there, next) = await cluster.Agents.NextRunAsync("m2");
        Assert.Equal((server, "m2"), (there, next.Order.MessageId));
    }

    [Fact]
    public async Task An_interrupt_aborts_a_cell_that_waits_for_gpus()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: "a");
        var first = await cluster.StartKernelAsync(gpus: 1);
        await first.Submit(Cell("m1"));
        await cluster.Agents.NextRunAsync("m1");
        var second = await cluster.StartKernelAsync(gpus: 1);
        var watcher = await cluster.WatchAsync(second);
        await second.Submit(Cell("n1"));
        Assert.True(await second.Interrupt());
        Assert.Equal(("n1", CellEndKind.Aborted), await watcher.NextEndingAsync("n1") is var e ? (e.MessageId, e.Kind) : default);
        Assert.Equal(KernelState.Idle, (await second.View())!.State);
    }

    [Fact]
    public async Task More_gpus_than_any_server_has_are_refused_for_cells_and_for_kernels()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1") with { Resources = new ResourceRequest(9) });
        var ending = await watcher.NextEndingAsync("m1");
        Assert.Equal(CellEndKind.Refused, ending.Kind);
        Assert.Contains("9 GPUs", ending.Reason, StringComparison.Ordinal);

        var outcome = await cluster.Manager.StartKernel(
            new KernelRequest(null, "", "u", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(9)));
        Assert.Contains("no server has more than 2", Assert.IsType<StartKernelOutcome.Refused>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gpus_of_a_lost_cell_are_free_again()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[server].Kill(run.Replica);
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.All(s => s.Gpus.All(g => g.Lease is null)), "the GPU is free");
    }

    [Fact]
    public async Task A_lease_that_nobody_claims_is_ended_when_the_agent_connects()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var server = cluster.Grains.GetGrain<IGpuServerGrain>("a");
        Assert.IsType<LeaseOutcome.Granted>(await server.Lease(new KernelId("11111111-2222-3333-4444-555555555555"), "u", 1, new(2, 0, 0, 0)));
        await cluster.Agents.ConnectAsync("a");
        Assert.All((await server.View())!.Gpus, g => Assert.Null(g.Lease));
    }

    private AgentCommand.RunCell? _filler;

    /// <summary>A cell of this kernel takes the GPU of the server.</summary>
    private async Task FillAsync(GrainCluster cluster, IKernelGrain kernel, string server)
    {
        var others = new List<(string, AgentCommand.RunCell)>();
        for (var i = 0; ; i++)
        {
            await kernel.Submit(Cell($"filler-{i}"));
            var (there, run) = await cluster.Agents.NextRunAsync("a cell that fills the server");
            if (there == server)
            {
                _filler = run;
                return;
            }

            // Not there: take its executor away, so that the next replica gets its turn.
            cluster.Agents[there].Kill(run.Replica);
            others.Add((there, run));
            await GrainCluster.UntilAsync(kernel, v => v.Executor is { } e && e != run.Replica, "another executor");
        }
    }

    private static CellSubmission Cell(string id) => new(id, null, StopOnError: true, Started: false);
}
