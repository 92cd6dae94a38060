using Microsoft.Extensions.DependencyInjection;
using Notebook.Grains.Cluster;
using Notebook.Grains.Kernels;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Kernels that nobody uses are ended for good, and there are no more of them than there may be; in the test's own time.</summary>
public sealed class CullScenarios
{
    private static readonly CullSettings s_tenMinutes = CullSettings.Default with { IdleTimeout = TimeSpan.FromMinutes(10), Interval = TimeSpan.FromMinutes(1) };
    private readonly ManualTimeProvider _clock = new();

    [VirtualTimeFact]
    public async Task A_kernel_that_nobody_uses_is_ended_and_whoever_hears_of_it_is_told_why()
    {
        await using var cluster = await StartAsync(s_tenMinutes with { Connected = true });
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel;
        var sessions = cluster.Grains.GetGrain<ISessionsGrain>(ISessionsGrain.Key);
        await sessions.Add(new JupyterSession("s", "a.ipynb", "", "notebook", id));
        await PassAsync(cluster, 9);
        Assert.NotNull(await kernel.View());
        var watcher = await cluster.WatchAsync(kernel, connections: 1);
        await PassAsync(cluster, 2);
        await GrainCluster.UntilAsync(async () => await kernel.View() is null, "it is ended");
        var last = await watcher.DeadAsync();
        Assert.Equal("it was culled: nobody has used it for 10 min", last.Reason);
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).CulledKernels == 1, "it is counted");
        var decision = (await cluster.Manager.Explain(id)).Last();
        Assert.Equal(("cull", "ended", "nobody has used it for 10 min"), (decision.Kind, decision.Outcome, decision.Reason));
        await GrainCluster.UntilAsync(async () => (await sessions.List()).IsEmpty, "its session is gone");
    }

    [VirtualTimeFact]
    public async Task Clients_and_cells_keep_it()
    {
        await using var cluster = await StartAsync(s_tenMinutes);
        var (used, connected, busy) = (await cluster.StartKernelAsync(), await cluster.StartKernelAsync(), await cluster.StartKernelAsync());
        await busy.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        for (var n = 0; n < 20; n++)
        {
            await cluster.WatchAsync(connected, connections: 2);   // as a gateway does
            if (n % 5 == 0) await used.Used();
            await PassAsync(cluster, 1);
        }

        Assert.Equal(2, (await connected.View())!.Connections);
        Assert.NotNull(await used.View());
        var before = (await busy.View())!.LastActivity;
        cluster.Agents[server].Finish(run);
        var after = await GrainCluster.UntilAsync(busy, v => v.State == KernelState.Idle, "the cell has ended");
        Assert.True(after.LastActivity - before > TimeSpan.FromMinutes(15), "the end of the cell is use");
        await PassAsync(cluster, 9);
        Assert.NotNull(await busy.View());

        await PassAsync(cluster, 6);   // no gateway has said a word for more than two minutes
        foreach (var kernel in (IKernelGrain[])[used, connected, busy])
            await GrainCluster.UntilAsync(async () => await kernel.View() is null, "it is ended");
    }

    [VirtualTimeFact]
    public async Task A_busy_one_is_ended_only_where_the_operator_wants_that_and_its_cell_says_why()
    {
        await using var cluster = await StartAsync(s_tenMinutes with { Busy = true });
        var kernel = await cluster.StartKernelAsync();
        await kernel.Submit(Cell("m1"));
        await cluster.Agents.NextRunAsync("m1");
        await PassAsync(cluster, 9);
        var watcher = await cluster.WatchAsync(kernel);
        await PassAsync(cluster, 2);
        await GrainCluster.UntilAsync(async () => await kernel.View() is null, "it is ended");
        Assert.Equal(1, (await cluster.Manager.View()).CulledKernels);
        Assert.Contains("the kernel was culled", (await watcher.NextEndingAsync("of the running one")).Reason, StringComparison.Ordinal);
    }

    [VirtualTimeFact]
    public async Task After_a_restart_of_the_silo_the_time_counts_anew_also_when_nobody_calls()
    {
        await using var cluster = await StartAsync(s_tenMinutes);
        var id = (await (await cluster.StartKernelAsync()).View())!.Kernel;
        await PassAsync(cluster, 9);
        await cluster.RestartSiloAsync();
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server);
        await PassAsync(cluster, 9);
        Assert.NotEmpty((await cluster.Manager.View()).Kernels);
        await PassAsync(cluster, 2);
        await GrainCluster.UntilAsync(async () => await cluster.Grains.GetGrain<IKernelGrain>(id.Value).View() is null, "it is ended");
    }

    [VirtualTimeFact]
    public async Task Its_user_may_want_it_ended_where_no_others_are()
    {
        await using var cluster = await StartAsync(CullSettings.Default with { Interval = TimeSpan.FromMinutes(1) });
        var (shortLived, other) = (await StartedAsync(cluster, "eve", "300"), await cluster.StartKernelAsync());
        await PassAsync(cluster, 7);
        await GrainCluster.UntilAsync(async () => await cluster.Grains.GetGrain<IKernelGrain>(shortLived.Kernel.Value).View() is null, "it is ended");
        await PassAsync(cluster, 15);
        Assert.NotNull(await other.View());
    }

    [VirtualTimeFact]
    public async Task A_user_has_as_many_kernels_as_allowed_over_a_restart_of_the_silo_too()
    {
        await using var cluster = await StartAsync(CullSettings.Default, new KernelLimits(3, 2));
        var first = await StartedAsync(cluster, "eve");
        await StartedAsync(cluster, "eve");
        Assert.Contains("user eve has 2 kernels", (await RefusedAsync(cluster, "eve")).Reason, StringComparison.Ordinal);
        await StartedAsync(cluster, "ann");
        Assert.Contains("3 kernels run already", (await RefusedAsync(cluster, "bob")).Reason, StringComparison.Ordinal);
        await cluster.Grains.GetGrain<IKernelGrain>(first.Kernel.Value).Shutdown();
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.Kernels()).Length == 2, "it has ended");
        await StartedAsync(cluster, "ann");

        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server);
        Assert.Contains("3 kernels run already", (await RefusedAsync(cluster, "eve")).Reason, StringComparison.Ordinal);
        var anns = (await cluster.Manager.Kernels()).First(k => k.Definition.User == "ann").Kernel;
        await cluster.Grains.GetGrain<IKernelGrain>(anns.Value).Shutdown();
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.Kernels()).Length == 2, "it has ended");
        await StartedAsync(cluster, "eve");
        Assert.Contains("3 kernels run already", (await RefusedAsync(cluster, "eve")).Reason, StringComparison.Ordinal);
    }

    private Task<GrainCluster> StartAsync(CullSettings culling, KernelLimits? limits = null) =>
        GrainCluster.StartAsync(_clock, services => services.AddSingleton(culling).AddSingleton(limits ?? KernelLimits.Default), 2, "a", "b", "c");

    private static async Task<KernelView> StartedAsync(GrainCluster cluster, string user, string? timeout = null) =>
        Assert.IsType<StartKernelOutcome.Started>(await cluster.Manager.StartKernel(Request(user, timeout))).View;

    private static async Task<StartKernelOutcome.LimitReached> RefusedAsync(GrainCluster cluster, string user) =>
        Assert.IsType<StartKernelOutcome.LimitReached>(await cluster.Manager.StartKernel(Request(user, null)));

    private static KernelRequest Request(string user, string? timeout) => new(
        null, "python3", user,
        timeout is null ? ImmutableDictionary<string, string>.Empty : ImmutableDictionary<string, string>.Empty.Add(CullChoice.Variable, timeout),
        null, new ResourceRequest(0));

    private static async Task PassAsync(GrainCluster cluster, int minutes)
    {
        for (var passed = 0; passed < 60 * minutes; passed += 5)
        {
            foreach (var server in (string[])["a", "b", "c"])
            {
                if (!cluster.Agents[server].Connected) continue;
                await cluster.Agents.Grain(new ServerId(server)).Heartbeat(new ServerLoad(0, 0, 0, 0));
                await cluster.Agents.Grain(new ServerId(server)).Release(new KernelId("none"), 0);   // an answer after the heartbeat, which has none
            }

            await cluster.AdvanceAsync(TimeSpan.FromSeconds(5));
        }
    }

    private static CellSubmission Cell(string id) => new(id, null, true, false);
}
