namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Logs that lie at agents: they go when it is certain that nobody needs them, and never otherwise.</summary>
public sealed class HeldLogScenarios
{
    [Fact]
    public async Task The_log_of_a_kernel_that_ended_while_its_agent_was_away_goes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var held = await HeldAsync(kernel, "b");
        await cluster.Agents.DisconnectAsync("b");
        await kernel.Shutdown();
        await ComeBackAsync(cluster, held);
        await GrainCluster.UntilAsync(() => Task.FromResult(Dropped(cluster).Contains(held)), "the log is dropped", () => string.Join('\n', cluster.Agents.Log));
    }

    [Fact]
    public async Task The_log_of_an_incarnation_that_its_user_ended_goes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var held = await HeldAsync(kernel, "b");
        await cluster.Agents.DisconnectAsync("b");
        await kernel.Restart();
        await ComeBackAsync(cluster, held);
        await GrainCluster.UntilAsync(() => Task.FromResult(Dropped(cluster).Contains(held)), "the log is dropped", () => string.Join('\n', cluster.Agents.Log));
    }

    [Fact]
    public async Task The_log_of_a_live_replica_stays_and_so_does_that_of_a_kernel_that_nobody_knows()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var held = await HeldAsync(kernel, "b");
        var ended = await cluster.StartKernelAsync();
        var last = await HeldAsync(ended, "b");
        await cluster.Agents.DisconnectAsync("b");
        await ended.Shutdown();
        await ComeBackAsync(
            cluster,
            held, held with { Incarnation = held.Incarnation + 1 }, new HeldLog(ReplicaId.Of(new KernelId("stranger"), 1), 1), last);
        await GrainCluster.UntilAsync(() => Task.FromResult(Dropped(cluster).Length > 0), "the last is dropped", () => string.Join('\n', cluster.Agents.Log));
        Assert.Equal([last], Dropped(cluster));
    }

    private static async Task<HeldLog> HeldAsync(IKernelGrain kernel, string server)
    {
        var view = (await kernel.View())!;
        return new HeldLog(view.Replicas.Single(r => r.Server.Value == server).Id, view.Incarnation);
    }

    private static Task ComeBackAsync(GrainCluster cluster, params ImmutableArray<HeldLog> logs)
    {
        cluster.Agents["b"].Logs = logs;
        return cluster.Agents.ConnectAsync("b", bootId: "boot-2");
    }

    private static HeldLog[] Dropped(GrainCluster cluster) =>
        [.. cluster.Agents.Log.Select(e => e.Command).OfType<AgentCommand.DropLog>().Select(drop => drop.Held)];
}
