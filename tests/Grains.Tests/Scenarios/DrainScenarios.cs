namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Servers that are emptied, and replicas that are replaced since their server stays away.</summary>
public sealed class DrainScenarios
{
    [Fact]
    public async Task The_replicas_of_a_drained_server_move_away_and_nothing_new_comes_there()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: ["a", "b", "c", "d"]);
        var kernels = new List<IKernelGrain>();
        for (var i = 0; i < 6; i++) kernels.Add(await cluster.StartKernelAsync(gpus: 1));
        Assert.NotNull(await cluster.Manager.Drain(new("a"), drain: true));
        await GrainCluster.UntilAsync(async () => (await cluster.Agents.Grain(new("a")).View())!.Replicas.IsEmpty, "a is empty");
        foreach (var kernel in kernels)
        {
            var view = await GrainCluster.UntilAsync(
                kernel, v => v.Replicas.Length == 3 && v.Moving is null && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "it has three replicas");
            Assert.DoesNotContain(view.Replicas, r => r.Server.Value == "a");
        }

        var another = (await (await cluster.StartKernelAsync(gpus: 1)).View())!;
        Assert.DoesNotContain(another.Replicas, r => r.Server.Value == "a");
        Assert.True((await cluster.Manager.View()).Servers.Single(s => s.Server.Value == "a").Draining);
        Assert.Equal(new DrainView(new("a"), true, 0, null), await cluster.Manager.Drain(new("a"), drain: true));
        Assert.False((await cluster.Manager.Drain(new("a"), drain: false))!.Draining);
    }

    [Fact]
    public async Task A_drained_server_stays_so_over_a_restart_of_the_silo()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Manager.Drain(new("a"), drain: true);
        await cluster.RestartSiloAsync(crash: true);
        foreach (var server in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(server);
        Assert.True((await cluster.Manager.View()).Servers.Single(s => s.Server.Value == "a").Draining);
    }

    [Fact]
    public async Task A_drain_that_cannot_end_says_why_and_goes_on_when_it_can()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await cluster.Manager.Drain(new("a"), drain: true);
        var stuck = (await cluster.Manager.Drain(new("a"), drain: true))!;
        Assert.Equal(1, stuck.Replicas);
        Assert.Contains("no other server can take replica", stuck.Reason, StringComparison.Ordinal);
        await cluster.Agents.ConnectAsync("d");
        await cluster.Manager.Drain(new("a"), drain: true);
        var view = await GrainCluster.UntilAsync(kernel, v => v.Moving is null && v.Replicas.All(r => r.Server.Value != "a"), "it moved");
        Assert.Contains(view.Replicas, r => r.Server.Value == "d");
    }

    [Fact]
    public async Task A_server_that_nobody_knows_cannot_be_drained()
    {
        await using var cluster = await GrainCluster.StartAsync();
        Assert.Null(await cluster.Manager.Drain(new("nobody"), drain: true));
    }

    [VirtualTimeFact]
    public async Task A_replica_whose_server_stays_away_for_a_minute_is_replaced_on_another()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, servers: ["a", "b", "c"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await cluster.Agents.ConnectAsync("d");
        await cluster.Agents.DisconnectAsync("c");
        await PassAsync(cluster, clock, 5, async () => (await kernel.View())!.Replicas.Any(r => r.Phase == ReplicaPhase.Lost), "it is lost");
        var lost = clock.GetUtcNow();
        await PassAsync(cluster, clock, 200, async () => (await kernel.View())!.Replicas.All(r => r.Server.Value != "c"), "it is given up");
        Assert.True(clock.GetUtcNow() - lost >= TimeSpan.FromSeconds(55), "it was given up too soon");
        var after = await GrainCluster.UntilAsync(
            kernel, v => v.Replicas.Length == 3 && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "another took its place");
        Assert.Equal(["a", "b", "d"], after.Replicas.Select(r => r.Server.Value).Order());
    }

    [VirtualTimeFact]
    public async Task A_replica_whose_server_is_back_within_a_minute_is_not_replaced_though_another_could_take_it()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await GrainCluster.StartAsync(clock, servers: ["a", "b", "c"]);
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        await cluster.Agents.DisconnectAsync("c");
        await PassAsync(cluster, clock, 5, async () => (await kernel.View())!.Replicas.Any(r => r.Phase == ReplicaPhase.Lost), "it is lost");
        await cluster.Agents.ConnectAsync("d");
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.Length == 4, "d is known");
        await cluster.Agents.ConnectAsync("c");
        var after = await GrainCluster.UntilAsync(kernel, v => v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "it is back");
        Assert.Equal(["a", "b", "c"], after.Replicas.Select(r => r.Server.Value).Order());
    }

    /// <summary>Seconds pass, and the agents that are connected beat, until it is so.</summary>
    private static async Task PassAsync(GrainCluster cluster, ManualTimeProvider clock, int limit, Func<Task<bool>> condition, string what)
    {
        for (var second = 0; second <= limit; second++)
        {
            if (await condition()) return;
            await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
            foreach (var server in (await cluster.Manager.View()).Servers) await cluster.Agents.Grain(server.Server).Heartbeat(server.Load);
        }

        Assert.Fail($"not within {limit} s: {what}");
    }
}
