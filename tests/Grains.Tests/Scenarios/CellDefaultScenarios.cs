namespace Notebook.Grains.Tests.Scenarios;

/// <summary>What the cells of a kernel get when its notebook has set it.</summary>
public sealed class CellDefaultScenarios
{
    private static readonly CellDefault s_two = new(new ResourceRequest(2));
    private static readonly CellDefault s_nothing = new((ResourceRequest?)null);

    [Fact]
    public async Task The_cells_that_follow_get_what_the_notebook_set_until_it_sets_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        Assert.Equal(1, await GpusAsync(cluster, kernel, "m1", s_two));
        Assert.Equal(2, await GpusAsync(cluster, kernel, "m2", s_two));
        Assert.Equal(2, await GpusAsync(cluster, kernel, "m3", s_nothing));
        Assert.Equal(1, await GpusAsync(cluster, kernel, "m4", s_nothing));
    }

    [Fact]
    public async Task A_cell_that_was_queued_before_gets_it_too()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await kernel.Submit(Cell("m1"));
        await kernel.Submit(Cell("m2"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[server].Finish(run, cellDefault: s_two);
        Assert.Equal(2, (await cluster.Agents.NextRunAsync("m2")).Run.Order.Lease?.Devices.Length);
    }

    [Fact]
    public async Task What_a_cell_asks_for_itself_counts_more()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await GpusAsync(cluster, kernel, "m1", s_two);
        Assert.Equal(1, await GpusAsync(cluster, kernel, "m2", s_two, new ResourceRequest(1)));
        Assert.Equal(0, await GpusAsync(cluster, kernel, "m3", s_two, ResourceRequest.CpuOnly));
    }

    [Fact]
    public async Task A_process_that_does_not_say_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await GpusAsync(cluster, kernel, "m1", s_two);
        await GpusAsync(cluster, kernel, "m2", said: null);
        Assert.Equal(2, await GpusAsync(cluster, kernel, "m3", said: null));
    }

    [Fact]
    public async Task A_restart_of_the_kernel_forgets_it()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await GpusAsync(cluster, kernel, "m1", s_two);
        await kernel.Restart();
        await GrainCluster.UntilAsync(kernel, v => v.Incarnation == 2 && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "fresh processes are up");
        Assert.Equal(0, await GpusAsync(cluster, kernel, "m2", s_nothing));
    }

    [Fact]
    public async Task It_outlives_the_executor_and_a_silo_that_crashes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await GpusAsync(cluster, kernel, "m1", s_two);
        var view = (await kernel.View())!;
        cluster.Agents[view.ExecutorView!.Server.Value].Kill(view.Executor!.Value);
        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server);

        kernel = cluster.Grains.GetGrain<IKernelGrain>(view.Kernel.Value);
        Assert.Equal(2, await GpusAsync(cluster, kernel, "m2", said: null));
    }

    /// <summary>Runs a cell, after which its process says what the notebook has set; gives how many GPUs it had.</summary>
    private static async Task<int> GpusAsync(GrainCluster cluster, IKernelGrain kernel, string id, CellDefault? said, ResourceRequest? asked = null)
    {
        await kernel.Submit(Cell(id) with { Resources = asked });
        var (server, run) = await cluster.Agents.NextRunAsync(id);
        cluster.Agents[server].Finish(run, cellDefault: said);
        await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle && v.Cells.IsEmpty, $"the end of {id}");
        return run.Order.Lease?.Devices.Length ?? 0;
    }

    private static CellSubmission Cell(string id) => new(id, null, true, false);
}
