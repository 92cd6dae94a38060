using Microsoft.Extensions.DependencyInjection;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Scaling;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>
/// What scenarios with a clock of the test's own show at length, once more in real time, over a silo that crashes: so true Orleans
/// runs it too, its timers and its serialization of what is stored.
/// </summary>
public sealed class RealTimeScenarios
{
    [Fact]
    public async Task A_server_that_was_asked_for_is_asked_for_again_by_the_next_silo_and_comes()
    {
        var provisioner = new FakeProvisioner();
        await using var cluster = await GrainCluster.StartAsync(
            TimeProvider.System,
            services => services
                .AddSingleton<IServerProvisioner>(provisioner)
                .AddSingleton(new ScalingSettings { Minimum = 1, Maximum = 1, Buffer = 0, GpusPerServer = 1, Settling = TimeSpan.Zero, Interval = TimeSpan.FromSeconds(1) }),
            gpus: 1);
        await cluster.Manager.View();   // wakes it
        await provisioner.NextAsync("add", "scaled-1");   // its answer is never heard
        await cluster.RestartSiloAsync(crash: true);
        (await provisioner.NextAsync("add", "scaled-1")).Succeed();
        await cluster.Agents.ConnectAsync("scaled-1", gpus: 1);
        await GrainCluster.UntilAsync(
            async () => await cluster.Manager.View() is { Servers.Length: 1, Scaling.OnTheirWay.IsEmpty: true }, "it has arrived");
    }

    [Fact]
    public async Task A_kernel_that_gave_its_processes_back_is_as_it_was_in_the_next_silo_and_its_next_cell_runs()
    {
        await using var cluster = await GrainCluster.StartAsync(policies: PolicyCatalog.BuiltIn.Plan(["reclaim=idle:1s"]));
        var kernel = await cluster.StartKernelAsync();
        var before = await GrainCluster.UntilAsync(
            kernel, v => v.Reclaimed is not null && v.Replicas.All(r => r.Standby == StandbyMode.Cold), "it is reclaimed");
        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(before.Kernel.Value);
        var after = await GrainCluster.UntilAsync(
            kernel, v => v.Executor is not null && v.Replicas.All(r => r is { Phase: ReplicaPhase.Ready, Standby: StandbyMode.Cold }), "all are ready");
        Assert.Equal((before.Reclaimed, before.Session), (after.Reclaimed, after.Session));

        await kernel.Submit(new CellSubmission("m1", null, StopOnError: true, Started: false));
        await cluster.Agents.NextRunAsync("m1");
        await GrainCluster.UntilAsync(kernel, v => v.Reclaimed is null && v.Replicas.All(r => r.Standby == StandbyMode.Hot), "it is used");
    }
}
