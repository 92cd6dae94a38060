namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Cells whose replica could not run them when it got them: cut off, or without a process since a moment before.</summary>
public sealed class PostponedCellScenarios
{
    private const string Cut = "no majority of the kernel's replicas could be reached";

    [Fact]
    public async Task The_next_replica_runs_it_in_an_epoch_of_its_own()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(KernelScenarios.Cell("m1"));
        var (server, first) = await cluster.Agents.NextRunAsync("m1");

        cluster.Agents[server].Finish(first, ExecutionPhase.NotNow, Cut);

        var (other, second) = await cluster.Agents.NextRunAsync("m1, elsewhere");
        Assert.Equal("m1", second.Order.MessageId);
        Assert.NotEqual(server, other);
        Assert.Equal(first.Order.Execution, second.Order.Execution);
        Assert.True(second.Order.Epoch > first.Order.Epoch);
        Assert.Equal(other, second.Order.Lease!.Server.Value);
        Assert.Equal(2, (await cluster.Agents.Grain(new ServerId(server)).Summary())!.Account.Idle.Gpus);   // what it had there is free
        cluster.Agents[server].Finish(first, ExecutionPhase.NotNow, Cut);   // said again
        cluster.Agents[other].Finish(second);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel)).Kind);
        Assert.Equal(2, cluster.Agents.Log.Count(e => e.Command is AgentCommand.RunCell));
    }

    [VirtualTimeFact]
    public async Task When_none_can_all_are_asked_again_after_a_pause_and_then_one_runs_it()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock);
        var kernel = await cluster.StartKernelAsync();
        await kernel.Submit(KernelScenarios.Cell("m1"));
        var asked = await NoneCanAsync(cluster);
        Assert.Equal(3, asked.Distinct().Count());
        var waiting = await GrainCluster.UntilAsync(kernel, v => v.Cells is [{ Running: false, WaitingFor: not null }], "the cell waits");
        Assert.Equal(Cut, waiting.Cells[0].WaitingFor);

        await cluster.AdvanceAsync(TimeSpan.FromSeconds(2));

        var (server, run) = await cluster.Agents.NextRunAsync("m1, again");
        cluster.Agents[server].Finish(run);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel)).Kind);
    }

    [VirtualTimeFact]
    public async Task When_none_can_for_too_long_its_user_is_told_why()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock);
        var kernel = await cluster.StartKernelAsync();
        await kernel.Submit(KernelScenarios.Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[server].Finish(run, ExecutionPhase.NotNow, Cut);
        (server, run) = await cluster.Agents.NextRunAsync("m1, elsewhere");
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(5));   // less than after which a server that says nothing is given up
        foreach (var name in (string[])["a", "b", "c"]) await cluster.Agents.Grain(new ServerId(name)).Heartbeat(new ServerLoad(0, 0, 0, 0));
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(5));

        cluster.Agents[server].Finish(run, ExecutionPhase.NotNow, Cut);

        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        var ending = await EndingAsync(kernel);
        Assert.Equal((CellEndKind.Refused, $"It has not run: {Cut}"), (ending.Kind, ending.Reason));
    }

    [Fact]
    public async Task A_silo_that_crashed_meanwhile_does_not_give_it_to_another_since_it_may_have_run()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel;
        await kernel.Submit(KernelScenarios.Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        await cluster.RestartSiloAsync(crash: true);
        foreach (var name in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(name);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(id.Value);

        cluster.Agents[server].Finish(run, ExecutionPhase.NotNow, Cut);

        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.Equal(CellEndKind.Refused, (await EndingAsync(kernel)).Kind);
    }

    /// <summary>Each replica that gets the cell cannot run it.</summary>
    private static async Task<string[]> NoneCanAsync(GrainCluster cluster)
    {
        var asked = new List<string>();
        while (asked.Count < 3)
        {
            var (server, run) = await cluster.Agents.NextRunAsync("m1");
            asked.Add(server);
            cluster.Agents[server].Finish(run, ExecutionPhase.NotNow, Cut);
        }

        return [.. asked];
    }

    private static async Task<CellEnding> EndingAsync(IKernelGrain kernel) =>
        Assert.IsType<SubmitOutcome.Ended>(await kernel.Submit(KernelScenarios.Cell("m1"))).Ending;
}
