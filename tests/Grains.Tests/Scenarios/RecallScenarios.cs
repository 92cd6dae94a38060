namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Cells whose executor is lost: the next one is asked whether they count before anybody is told how they ended.</summary>
public sealed class RecallScenarios
{
    [Fact]
    public async Task A_cell_that_the_log_has_is_completed_and_those_behind_it_go_on()
    {
        await using var cluster = await GrainCluster.StartAsync();
        cluster.Agents.OnRecall = _ => ExecutionPhase.Succeeded;
        var kernel = await cluster.StartKernelAsync();
        var (server, run) = await RunAsync(cluster, kernel, "m1", "m2");

        cluster.Agents[server].Kill(run.Replica);

        var (other, next) = await cluster.Agents.NextRunAsync("m2");
        Assert.Equal("m2", next.Order.MessageId);
        Assert.NotEqual(server, other);
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
        var recall = Assert.Single(cluster.Agents.Recalls);
        Assert.Equal(new CellRecall("m1", 1, next.Order.Epoch, new ServerId(server)), recall.Recall);
        Assert.Equal(next.Replica, recall.Replica);
        Assert.True(next.Order.Epoch > run.Order.Epoch);
    }

    [Fact]
    public async Task A_cell_that_failed_just_before_aborts_those_behind_it()
    {
        await using var cluster = await GrainCluster.StartAsync();
        cluster.Agents.OnRecall = _ => ExecutionPhase.Failed;
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        var (server, run) = await RunAsync(cluster, kernel, "m1", "m2");
        cluster.Agents[server].Kill(run.Replica);
        Assert.Equal(("m2", CellEndKind.Aborted), Of(await watcher.NextEndingAsync("m2")));
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
    }

    [Fact]
    public async Task Nothing_is_told_or_run_until_the_log_has_spoken()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var asked = new TaskCompletionSource<AgentCommand.RecallCell>();
        cluster.Agents.OnRecall = recall =>
        {
            asked.TrySetResult(recall);
            return null;
        };
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        var (server, run) = await RunAsync(cluster, kernel, "m1", "m2");
        cluster.Agents[server].Kill(run.Replica);
        var recall = await asked.Task.Within("the next executor is asked");
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), await kernel.Submit(KernelScenarios.Cell("m1")));
        Assert.True(cluster.Agents.NoRunIsOrdered);

        Answer(cluster, recall, ExecutionPhase.NotCommitted);
        Assert.Equal(("m1", CellEndKind.ExecutorLost), Of(await watcher.NextEndingAsync("m1")));
        Assert.Equal("m2", (await cluster.Agents.NextRunAsync("m2")).Run.Order.MessageId);
    }

    [Fact]
    public async Task When_the_one_that_is_asked_is_lost_too_the_third_is_asked()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var first = new TaskCompletionSource<AgentCommand.RecallCell>();
        cluster.Agents.OnRecall = recall => first.TrySetResult(recall) ? null : ExecutionPhase.Succeeded;
        cluster.Agents.StartsProcesses = true;
        var kernel = await cluster.StartKernelAsync();
        var (server, run) = await RunAsync(cluster, kernel, "m1");
        cluster.Agents.StartsProcesses = false;
        cluster.Agents[server].Kill(run.Replica);
        var recall = await first.Task.Within("the next executor is asked");
        var second = (await kernel.View())!.Replicas.Single(r => r.Id == recall.Replica).Server.Value;
        cluster.Agents[second].Kill(recall.Replica);

        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
        var last = cluster.Agents.Recalls.Last();
        Assert.DoesNotContain(last.Replica, new[] { run.Replica, recall.Replica });
        Assert.True(last.Recall.Epoch > recall.Recall.Epoch);
        Assert.Equal(server, last.Recall.Lost.Value);
    }

    [Fact]
    public async Task When_the_one_that_is_asked_cannot_lead_the_third_is_asked_at_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var first = new TaskCompletionSource<ReplicaId>();
        cluster.Agents.OnRecall = recall =>
            first.TrySetResult(recall.Replica) || first.Task.Result == recall.Replica ? ExecutionPhase.Refused : ExecutionPhase.Succeeded;
        var kernel = await cluster.StartKernelAsync();
        var (server, run) = await RunAsync(cluster, kernel, "m1");
        cluster.Agents.StartsProcesses = false;
        cluster.Agents[server].Kill(run.Replica);

        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
        var asked = cluster.Agents.Recalls.DistinctBy(r => (r.Replica, r.Recall.Epoch)).ToArray();   // one that was asked may be asked again
        Assert.Equal(2, asked.Length);
        Assert.Equal(3, asked.Select(r => r.Replica).Append(run.Replica).Distinct().Count());
        Assert.True(asked[1].Recall.Epoch > asked[0].Recall.Epoch);
    }

    [VirtualTimeFact]
    public async Task When_nobody_can_say_it_for_ten_seconds_the_cell_is_lost_and_its_user_told_that_it_may_count()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock);
        cluster.Agents.OnRecall = _ => ExecutionPhase.Refused;
        var kernel = await cluster.StartKernelAsync();
        var (server, run) = await RunAsync(cluster, kernel, "m1");
        cluster.Agents[server].Kill(run.Replica);
        await GrainCluster.UntilAsync(() => Task.FromResult(cluster.Agents.Recalls.Any()), "the next executor is asked");
        for (var second = 1; second <= 9; second++) await PassASecondAsync(cluster, clock, kernel);
        Assert.NotEmpty((await kernel.View())!.Cells);
        await GrainCluster.UntilAsync(
            async () =>
            {
                await PassASecondAsync(cluster, clock, kernel);
                return (await kernel.View())!.Cells.IsEmpty;
            },
            "the cell ends");
        var ending = await EndingAsync(kernel, "m1");
        Assert.Equal(CellEndKind.ExecutorLost, ending.Kind);
        Assert.Contains("could not be found out within 10 s: the log says so", ending.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_crashes_meanwhile_asks_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var asked = new TaskCompletionSource<AgentCommand.RecallCell>();
        cluster.Agents.OnRecall = recall =>
        {
            asked.TrySetResult(recall);
            return null;
        };
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel;
        var (server, run) = await RunAsync(cluster, kernel, "m1");
        cluster.Agents[server].Kill(run.Replica);
        var first = await asked.Task.Within("the next executor is asked");

        await cluster.RestartSiloAsync(crash: true);
        cluster.Agents.OnRecall = _ => ExecutionPhase.Succeeded;
        foreach (var name in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(name);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(id.Value);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
        Assert.True(cluster.Agents.Recalls.Last().Recall.Epoch >= first.Recall.Epoch);
        Assert.Single(cluster.Agents.Log, e => e.Command is AgentCommand.RunCell);
    }

    [Fact]
    public async Task The_lost_executors_own_word_that_the_cell_ended_is_as_good()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var asked = new TaskCompletionSource<AgentCommand.RecallCell>();
        cluster.Agents.OnRecall = recall =>
        {
            asked.TrySetResult(recall);
            return null;
        };
        var kernel = await cluster.StartKernelAsync();
        var (server, run) = await RunAsync(cluster, kernel, "m1");
        cluster.Agents[server].Kill(run.Replica);
        await asked.Task.Within("the next executor is asked");
        cluster.Agents[server].Finish(run);   // said before it died, heard after
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
    }

    [Fact]
    public async Task A_cell_that_ended_just_before_is_told_once_more_for_its_reply_may_not_have_left()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var (server, first) = await RunAsync(cluster, kernel, "m1", "m2");
        cluster.Agents[server].Finish(first);
        await cluster.Agents.NextRunAsync("m2");
        cluster.Agents[server].Kill(first.Replica);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "m2 has ended");
        Assert.Equal(["m1", "m2"], cluster.Agents.Recalls.Select(r => r.Recall.MessageId));
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
    }

    [Theory]
    [InlineData(true)]   // when nobody can be asked yet
    [InlineData(false)]
    public async Task The_same_when_the_silo_is_lost_together_with_its_server(bool isFirst)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel;
        var (server, first) = await RunAsync(cluster, kernel, "m1", "m2");
        cluster.Agents[server].Finish(first);
        await cluster.Agents.NextRunAsync("m2");   // so the end of m1 is stored, and m1 would not be asked for as a running cell

        await cluster.RestartSiloAsync(crash: true);
        string[] others = [.. ((string[])["a", "b", "c"]).Where(name => name != server)];
        if (isFirst) await cluster.Agents.ConnectAsync(server, bootId: "boot-2");
        foreach (var name in others) await cluster.Agents.ConnectAsync(name);
        if (!isFirst) await cluster.Agents.ConnectAsync(server, bootId: "boot-2");

        kernel = cluster.Grains.GetGrain<IKernelGrain>(id.Value);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "m2 has ended");
        await GrainCluster.UntilAsync(() => Task.FromResult(cluster.Agents.Recalls.Any(r => r.Recall.MessageId == "m1")), "m1 is asked for too");
        Assert.Equal(["m1", "m2"], cluster.Agents.Recalls.Select(r => r.Recall.MessageId).Distinct().Order());
        Assert.All(cluster.Agents.Recalls, r => Assert.Equal(server, r.Recall.Lost.Value));
        Assert.Equal(CellEndKind.Completed, (await EndingAsync(kernel, "m1")).Kind);
    }

    /// <summary>A second passes once all that was said before is heard, and what it sets going comes to its end: time does not outrun the grains.</summary>
    private static async Task PassASecondAsync(GrainCluster cluster, ManualTimeProvider clock, IKernelGrain kernel)
    {
        await HeardAsync(cluster, kernel);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.Grain(new ServerId(server)).Heartbeat(new ServerLoad(0, 0, 0, 0));
        await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
        await HeardAsync(cluster, kernel);
    }

    /// <summary>Calls that change nothing and wait for their turn, on the way of an agent's word: what was on it before them is through.</summary>
    private static async Task HeardAsync(GrainCluster cluster, IKernelGrain kernel)
    {
        await kernel.Submit(KernelScenarios.Cell("m1"));   // its timers
        var replicas = (await kernel.View())!.Replicas;
        foreach (var replica in replicas) await cluster.Agents.Grain(replica.Server).Place(replica.Id, default);
        foreach (var replica in replicas) await cluster.Grains.GetGrain<IReplicaGrain>(replica.Id.Value).Interrupt();
        await kernel.Submit(KernelScenarios.Cell("m1"));
    }

    private static async Task<(string Server, AgentCommand.RunCell Run)> RunAsync(GrainCluster cluster, IKernelGrain kernel, params string[] cells)
    {
        foreach (var cell in cells) await kernel.Submit(KernelScenarios.Cell(cell));
        return await cluster.Agents.NextRunAsync(cells[0]);
    }

    private static void Answer(GrainCluster cluster, AgentCommand.RecallCell recall, ExecutionPhase phase)
    {
        var (server, _) = cluster.Agents.Log.Last(e => e.Command == recall);
        var agent = cluster.Agents[server.Value];
        agent.Report(agent.Replicas[recall.Replica] with
        {
            LastExecution = new ExecutionReport(recall.Recall.MessageId, recall.Recall.Execution, recall.Recall.Epoch, phase, null),
        });
    }

    private static async Task<CellEnding> EndingAsync(IKernelGrain kernel, string cell) =>
        Assert.IsType<SubmitOutcome.Ended>(await kernel.Submit(KernelScenarios.Cell(cell))).Ending;

    private static (string, CellEndKind) Of(CellEnding ending) => (ending.MessageId, ending.Kind);
}
