using Microsoft.Extensions.DependencyInjection;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Policies;
using Notebook.Grains.Scaling;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Servers that are added and removed, by a provisioner that does what the test says, when it says it.</summary>
public sealed class ScalingScenarios
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeProvisioner _provisioner = new();

    [VirtualTimeFact]
    public async Task A_cell_that_finds_no_gpus_gets_a_server_at_once_and_runs_there()
    {
        await using var cluster = await StartAsync(maximum: 4);
        await FillAsync(cluster);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1"));

        var adding = await _provisioner.NextAsync("add", "scaled-1");
        var scaling = await ScalingAsync(cluster);
        Assert.Equal(("notebookos", "fake", 4, 3, 4), (scaling.Policy, scaling.Provisioner, scaling.Target, scaling.Minimum, scaling.Maximum));
        Assert.Equal(("scaled-1", "adding"), (scaling.OnTheirWay.Single().Server.Value, scaling.OnTheirWay.Single().Phase));
        Assert.Contains("1 requests wait", scaling.LastDecision, StringComparison.Ordinal);

        adding.Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1);
        var (server, _) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal("scaled-1", server);
        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).OnTheirWay.IsEmpty, "it has arrived");
        Assert.False(_provisioner.IsCalled);
    }

    [VirtualTimeFact]
    public async Task A_kernel_that_no_server_can_take_is_refused_and_a_server_asked_for()
    {
        await using var cluster = await StartAsync(maximum: 4, gpusPerServer: 4);
        var request = new KernelRequest(null, "", "u", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(4));
        var refused = Assert.IsType<StartKernelOutcome.Refused>(await cluster.Manager.StartKernel(request));
        Assert.EndsWith("another server is on its way: try again in a minute", refused.Reason, StringComparison.Ordinal);
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 4);
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.Any(s => s.Server.Value == "scaled-1"), "it is known");
        Assert.IsType<StartKernelOutcome.Started>(await cluster.Manager.StartKernel(request));
    }

    [VirtualTimeFact]
    public async Task A_cell_that_is_larger_than_any_server_waits_for_one_that_is_large_enough()
    {
        await using var cluster = await StartAsync(maximum: 4, gpusPerServer: 4);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1") with { Resources = new ResourceRequest(4) });
        await GrainCluster.UntilAsync(kernel, v => v.Cells is [{ WaitingFor: not null }], "it waits");
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 4);
        Assert.Equal("scaled-1", (await cluster.Agents.NextRunAsync("m1")).Server);
    }

    [VirtualTimeFact]
    public async Task A_provisioner_that_fails_is_asked_again_and_its_errors_are_shown()
    {
        await using var cluster = await StartAsync(maximum: 4);
        await WaitForRoomAsync(cluster);
        (await _provisioner.NextAsync("add", "scaled-1")).Fail("no quota");
        await UntilScalingAsync(cluster, s => s.Failures == 1, "the failure is shown");
        var scaling = await ScalingAsync(cluster);
        Assert.Contains("no quota", scaling.Faults.Single().Reason, StringComparison.Ordinal);
        Assert.Equal(1, scaling.OnTheirWay.Single().Failures);

        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is asked again");
        (await _provisioner.NextAsync("add", "scaled-1")).Throw(new InvalidOperationException("a fault of its own"));
        await UntilScalingAsync(cluster, s => s.Failures == 2, "the second failure is shown");
        Assert.Contains("'fake' failed: a fault of its own", (await ScalingAsync(cluster)).Faults[^1].Reason, StringComparison.Ordinal);

        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is asked a third time");
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1);
        await cluster.Agents.NextRunAsync("the cell that waited");
    }

    [VirtualTimeFact]
    public async Task A_provisioner_that_hangs_holds_nobody_else_up_and_is_given_up()
    {
        await using var cluster = await StartAsync(maximum: 5);
        await FillAsync(cluster);
        for (var i = 0; i < 2; i++) await (await cluster.StartKernelAsync(gpus: 1)).Submit(Cell($"m{i}"));
        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).OnTheirWay.Length == 2, "two servers are asked for");
        var adding = await _provisioner.NextAddsAsync("scaled-1", "scaled-2");

        adding["scaled-2"].Succeed();
        await cluster.Agents.ConnectAsync("scaled-2", gpus: 1);
        Assert.Equal("scaled-2", (await cluster.Agents.NextRunAsync("one of the cells")).Server);

        // It does not heed that its time is over, either.
        await PassAsync(cluster, () => Task.FromResult(adding["scaled-1"].Cancel.IsCancellationRequested), "its time is over");
        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).Failures == 1, "it is given up");
        Assert.Contains("has not answered for 130 s", (await ScalingAsync(cluster)).Faults.Single().Reason, StringComparison.Ordinal);
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is asked again");
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1);
        Assert.Equal("scaled-1", (await cluster.Agents.NextRunAsync("the other cell")).Server);
    }

    [VirtualTimeFact]
    public async Task A_server_that_never_comes_is_removed_and_another_is_asked_for_later()
    {
        await using var cluster = await StartAsync(maximum: 4);
        await WaitForRoomAsync(cluster);
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is to be removed");
        var removing = await _provisioner.NextAsync("remove", "scaled-1");
        var scaling = await ScalingAsync(cluster);
        Assert.Equal("removing", scaling.Leaving.Single().Phase);
        Assert.Contains("did not connect within 120 s", scaling.Faults.Single().Reason, StringComparison.Ordinal);
        removing.Succeed();
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "another is asked for");
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1);
        await cluster.Agents.NextRunAsync("the cell that waited");
    }

    [VirtualTimeFact]
    public async Task A_server_that_is_not_needed_any_more_is_emptied_and_then_removed_and_no_kernel_loses_a_replica()
    {
        await using var cluster = await StartAsync(maximum: 4);
        var (kernel, runs) = await ScaledOutAsync(cluster);
        await FinishAsync(cluster, runs);

        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is to be removed");
        var removing = await _provisioner.NextAsync("remove", "scaled-1");
        Assert.Empty((await cluster.Agents.Grain(new("scaled-1")).View())!.Replicas);
        var view = await GrainCluster.UntilAsync(
            kernel, v => v.Replicas.Length == 3 && v.Moving is null && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "it has three replicas");
        Assert.DoesNotContain(view.Replicas, r => r.Server.Value == "scaled-1");
        Assert.Equal("removing", (await ScalingAsync(cluster)).Leaving.Single().Phase);

        // Its agent is still there for a while: nothing is placed on it.
        var another = (await (await cluster.StartKernelAsync(gpus: 1)).View())!;
        Assert.DoesNotContain(another.Replicas, r => r.Server.Value == "scaled-1");

        await cluster.Agents.DisconnectAsync("scaled-1");
        removing.Succeed();
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.All(s => s.Server.Value != "scaled-1"), "it is forgotten");
        Assert.Empty((await ScalingAsync(cluster)).Leaving);

        // Its name is free for the next one.
        await PassForAsync(cluster, seconds: 5);
        foreach (var one in (await cluster.Manager.Kernels()).Take(4))
            await cluster.Grains.GetGrain<IKernelGrain>(one.Kernel.Value).Submit(Cell($"again-{one.Kernel}"));
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "another is asked for");
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
    }

    [VirtualTimeFact]
    public async Task A_server_whose_removal_fails_is_told_of_and_removed_later()
    {
        await using var cluster = await StartAsync(maximum: 4);
        var (_, runs) = await ScaledOutAsync(cluster);
        await FinishAsync(cluster, runs);
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is to be removed");
        (await _provisioner.NextAsync("remove", "scaled-1")).Fail("it is locked");
        await UntilScalingAsync(cluster, s => s.Failures == 1, "the failure is shown");
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is asked again");
        (await _provisioner.NextAsync("remove", "scaled-1")).Succeed();
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.Length == 3, "it is forgotten");
    }

    [VirtualTimeFact]
    public async Task There_are_as_many_servers_as_the_minimum_says_and_no_more_than_the_maximum()
    {
        await using var cluster = await StartAsync(minimum: 5, maximum: 5);
        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).OnTheirWay.Length == 2, "the minimum");
        var adding = await _provisioner.NextAddsAsync("scaled-1", "scaled-2");
        foreach (var (server, call) in adding)
        {
            call.Succeed();
            await cluster.Agents.ConnectAsync(server, gpus: 1);
        }

        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).OnTheirWay.IsEmpty, "they are up");
        await FillAsync(cluster, kernels: 5);
        await (await cluster.StartKernelAsync(gpus: 1)).Submit(Cell("one-too-many"));
        await PassForAsync(cluster, seconds: 60);
        Assert.False(_provisioner.IsCalled);
    }

    [VirtualTimeFact]
    public async Task A_silo_that_starts_lets_the_agents_that_run_connect_before_it_asks_for_others()
    {
        await using var cluster = await StartAsync(minimum: 4, maximum: 4, settling: 30);
        await PassForAsync(cluster, seconds: 20);
        await cluster.Agents.ConnectAsync("d", gpus: 1);
        await PassForAsync(cluster, seconds: 30);
        Assert.False(_provisioner.IsCalled);
        Assert.Empty((await ScalingAsync(cluster)).OnTheirWay);
    }

    [VirtualTimeFact]
    public async Task A_silo_that_crashes_while_a_server_is_added_asks_for_it_again()
    {
        await using var cluster = await StartAsync(maximum: 4);
        var kernel = await WaitForRoomAsync(cluster);
        await _provisioner.NextAsync("add", "scaled-1");   // its answer is never heard
        await RestartAsync(cluster, "a", "b", "c");
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is asked for again");
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1);
        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).OnTheirWay.IsEmpty, "it has arrived");
        Assert.NotNull(await cluster.Grains.GetGrain<IKernelGrain>(kernel.Value).View());
    }

    [VirtualTimeFact]
    public async Task A_silo_that_crashes_while_a_server_is_removed_removes_it()
    {
        await using var cluster = await StartAsync(maximum: 4);
        var (_, runs) = await ScaledOutAsync(cluster);
        await FinishAsync(cluster, runs);
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is to be removed");
        await _provisioner.NextAsync("remove", "scaled-1");
        await RestartAsync(cluster, "a", "b", "c");
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is to be removed again");
        (await _provisioner.NextAsync("remove", "scaled-1")).Succeed();
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.Length == 3, "it is forgotten");
    }

    [VirtualTimeFact]
    public async Task A_lost_server_that_holds_replicas_is_asked_for_again_and_never_removed()
    {
        await using var cluster = await StartAsync(maximum: 4);
        await ScaledOutAsync(cluster);
        await cluster.Agents.DisconnectAsync("scaled-1");
        await PassAsync(cluster, () => Task.FromResult(_provisioner.IsCalled), "it is asked for again");
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1, bootId: "boot-2");
        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).OnTheirWay.IsEmpty, "it is back");
    }

    private Task<GrainCluster> StartAsync(int maximum, int minimum = 3, int gpusPerServer = 1, int settling = 0) => GrainCluster.StartAsync(
        _clock,
        services => services
            .AddSingleton<IServerProvisioner>(_provisioner)
            .AddSingleton<IScalingPolicy>(new DemandScaling(new DemandScalingOptions { Headroom = 1, ScaleInLimit = 1 }))
            .AddSingleton(new ScalingSettings
            {
                Minimum = minimum,
                Maximum = maximum,
                Buffer = 0,
                Settling = TimeSpan.FromSeconds(settling),
                GpusPerServer = gpusPerServer,
                Interval = TimeSpan.FromSeconds(5),
            }),
        gpus: 1, "a", "b", "c");

    /// <summary>As many kernels as servers, each with a cell that holds a GPU.</summary>
    private static async Task<List<(string Server, AgentCommand.RunCell Run)>> FillAsync(GrainCluster cluster, int kernels = 3)
    {
        List<(string, AgentCommand.RunCell)> runs = [];
        for (var i = 0; i < kernels; i++)
        {
            await (await cluster.StartKernelAsync(gpus: 1)).Submit(Cell($"holder-{Guid.NewGuid()}"));
            runs.Add(await cluster.Agents.NextRunAsync($"a cell that holds a GPU, {i}"));
        }

        return runs;
    }

    /// <summary>The cells end and their GPUs are free, before time passes for whoever hears of it.</summary>
    private static Task FinishAsync(GrainCluster cluster, List<(string Server, AgentCommand.RunCell Run)> runs)
    {
        foreach (var (server, run) in runs) cluster.Agents[server].Finish(run);
        return GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.All(s => s.Account.Committed.Gpus == 0), "all GPUs are free");
    }

    /// <summary>All servers are full, and a cell waits.</summary>
    private static async Task<KernelId> WaitForRoomAsync(GrainCluster cluster)
    {
        await FillAsync(cluster);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1"));
        return (await kernel.View())!.Kernel;
    }

    /// <summary>A fourth server was added, and a cell of the kernel runs there.</summary>
    private async Task<(IKernelGrain Kernel, List<(string Server, AgentCommand.RunCell Run)> Runs)> ScaledOutAsync(GrainCluster cluster)
    {
        var runs = await FillAsync(cluster);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await kernel.Submit(Cell("m1"));
        (await _provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1);
        runs.Add(await cluster.Agents.NextRunAsync("m1"));
        await GrainCluster.UntilAsync(kernel, v => v.Moving is null && v.Replicas.Length == 3, "the move is over");
        await PassAsync(cluster, async () => (await ScalingAsync(cluster)).OnTheirWay.IsEmpty, "it has arrived");
        return (kernel, runs);
    }

    private static async Task RestartAsync(GrainCluster cluster, params string[] servers)
    {
        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in servers) await cluster.Agents.ConnectAsync(server, gpus: 1);
    }

    private static async Task<ScalingStatus> ScalingAsync(GrainCluster cluster) => (await cluster.Manager.View()).Scaling!;

    private static Task UntilScalingAsync(GrainCluster cluster, Func<ScalingStatus, bool> condition, string what) =>
        GrainCluster.UntilAsync(async () => condition(await ScalingAsync(cluster)), what);

    private Task PassForAsync(GrainCluster cluster, int seconds)
    {
        var end = _clock.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        return PassAsync(cluster, () => Task.FromResult(_clock.GetUtcNow() >= end), "the time has passed");
    }

    /// <summary>
    /// Seconds pass, and the agents that are connected beat, until it is so. Time stands still while the provisioner is to hear
    /// of an operation or the manager of its end: limits are of what the test lets take long, not of a busy machine.
    /// </summary>
    private async Task PassAsync(GrainCluster cluster, Func<Task<bool>> condition, string what)
    {
        for (var second = 0; second <= 600; second++)
        {
            await UntilScalingAsync(
                cluster, s => s.OnTheirWay.Concat(s.Leaving).All(m => !m.UnderWay || _provisioner.IsAt(m.Server)), "operations begin and are told");
            if (await condition()) return;
            await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
            foreach (var server in (await cluster.Manager.View()).Servers) await cluster.Agents.Grain(server.Server).Heartbeat(server.Load);
        }

        var kernels = (await cluster.Manager.Kernels()).Select(k => $"{k.Kernel} {k.State}: {string.Join(", ", k.Cells)} {string.Join(", ", k.Replicas)}");
        Assert.Fail($"not within 600 s: {what}; {await ScalingAsync(cluster)}; {string.Join("; ", kernels)}");
    }

    private static CellSubmission Cell(string id) => new(id, null, StopOnError: true, Started: false);
}
