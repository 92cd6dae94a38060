using Notebook.Grains.Policies.Catalog;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>What the regimes do otherwise than the platform's own.</summary>
public sealed class RegimeScenarios
{
    [Fact]
    public async Task Reserved_GPUs_are_held_from_the_start_over_all_cells_to_the_end()
    {
        await using var cluster = await StartAsync("reservation");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var view = (await kernel.View())!;
        var replica = Assert.Single(view.Replicas);
        var server = cluster.Agents.Grain(replica.Server);
        Assert.Equal(view.Kernel, await HolderAsync(server));

        var first = await RunAsync(cluster, kernel, "m1");
        Assert.Equal(view.Kernel, await HolderAsync(server));
        var second = await RunAsync(cluster, kernel, "m2");
        Assert.Equal([0], second.Order.Lease!.Devices.ToArray());
        Assert.Equal(first.Order.Lease!.Epoch, second.Order.Lease.Epoch);

        await kernel.Shutdown();
        await GrainCluster.UntilAsync(async () => await HolderAsync(server) is null, "its GPUs are free");
    }

    [Fact]
    public async Task A_kernel_that_finds_everything_reserved_waits_for_the_end_of_another()
    {
        await using var cluster = await StartAsync("reservation", "a");
        var first = await cluster.StartKernelAsync(gpus: 1);
        var second = await cluster.StartKernelAsync(gpus: 1);
        await second.Submit(Cell("m1"));
        await GrainCluster.UntilAsync(second, v => v.Cells is [{ Running: false, WaitingFor: not null }], "it waits");
        Assert.True(cluster.Agents.NoRunIsOrdered);

        await first.Shutdown();
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal("a", server);
        cluster.Agents[server].Finish(run);
        var view = await GrainCluster.UntilAsync(second, v => v.Cells.IsEmpty, "it ended");
        Assert.Equal(view.Kernel, await HolderAsync(cluster.Agents.Grain(new("a"))));
        Assert.Equal(run.Order.Lease!.Epoch, (await RunAsync(cluster, second, "m2")).Order.Lease!.Epoch);
    }

    [Fact]
    public async Task A_cell_that_asks_for_more_than_its_kernel_reserved_is_refused_and_one_that_asks_for_none_runs()
    {
        await using var cluster = await StartAsync("reservation", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1") with { Resources = new ResourceRequest(2) });
        Assert.Equal(
            new SubmitOutcome.Ended(new CellEnding("m1", 1, CellEndKind.Refused, "the cell asks for 2 GPUs, but its kernel has reserved 1: ask for at most as many, or start a kernel with more")),
            await kernel.Submit(Cell("m1")));
        await kernel.Submit(Cell("m2") with { Resources = ResourceRequest.CpuOnly });
        var (server, run) = await cluster.Agents.NextRunAsync("m2");
        Assert.Null(run.Order.Lease);
        cluster.Agents[server].Finish(run);
    }

    [Fact]
    public async Task What_is_reserved_outlives_a_crash_of_the_silo()
    {
        await using var cluster = await StartAsync("reservation");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var before = await RunAsync(cluster, kernel, "m1");
        var id = (await kernel.View())!.Kernel;
        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server, gpus: 1);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(id.Value);
        await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "it is back");
        Assert.Equal(id, await HolderAsync(cluster.Agents.Grain(before.Order.Lease!.Server)));
        var after = await RunAsync(cluster, kernel, "m2");
        Assert.Equal((before.Order.Lease.Server, before.Order.Lease.Epoch), (after.Order.Lease!.Server, after.Order.Lease.Epoch));
    }

    [Fact]
    public async Task Each_cell_of_a_batch_kernel_may_come_from_another_process()
    {
        await using var cluster = await StartAsync("batch", "a");
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var view = (await kernel.View())!;
        Assert.True(view.Definition.FreshProcesses);
        await RunAsync(cluster, kernel, "m1");
        var replica = view.Replicas[0];
        cluster.Agents["a"].Report(cluster.Agents["a"].Replicas[replica.Id] with { ProcessId = 4712 });   // that there was none in between was missed
        await GrainCluster.UntilAsync(kernel, v => v.Replicas[0].ProcessId == 4712, "it is known");
        Assert.Equal(view.Executor, (await kernel.View())!.Executor);
        await RunAsync(cluster, kernel, "m2");
    }

    [VirtualTimeFact]
    public async Task The_only_replica_waits_for_its_server_to_come_back()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, policies: PolicyCatalog.BuiltIn.Plan([], "gandiva"), servers: ["a", "b"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var server = (await kernel.View())!.Replicas[0].Server.Value;
        await cluster.Agents.DisconnectAsync(server);
        await GrainCluster.UntilAsync(
            async () =>
            {
                await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
                return (await kernel.View())!.Replicas[0].Phase == ReplicaPhase.Lost;
            },
            "its server is given up");
        await kernel.Submit(Cell("m1"));
        var waiting = await GrainCluster.UntilAsync(kernel, v => v.Cells is [{ WaitingFor: not null }], "its cell waits");
        Assert.StartsWith($"server {server}, which alone has the kernel's variables: ", waiting.Cells[0].WaitingFor, StringComparison.Ordinal);
        Assert.Equal(waiting.Cells[0].WaitingFor, waiting.WaitsForServer);
        await cluster.AdvanceAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(server, Assert.Single((await kernel.View())!.Replicas).Server.Value);
        await cluster.Agents.ConnectAsync(server);
        await GrainCluster.UntilAsync(kernel, v => v is { Replicas: [{ Phase: ReplicaPhase.Ready }], WaitsForServer: null }, "it is back");
    }

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

    private static async Task<KernelId?> HolderAsync(IGpuServerGrain server) => (await server.View())!.Gpus[0].Lease?.Kernel;
}
