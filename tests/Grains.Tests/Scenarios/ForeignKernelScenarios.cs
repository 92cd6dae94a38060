using Notebook.Grains.Kernels;
using Notebook.Grains.Policies.Catalog;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>A kernel that is not ours: one process, nothing of it anywhere else.</summary>
public sealed class ForeignKernelScenarios
{
    [Fact]
    public async Task It_has_one_replica_whatever_the_regime_and_its_cells_get_gpus_by_lease()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync(gpus: 1, spec: "echo");
        var view = (await kernel.View())!;
        Assert.True(view.Definition.IsForeign);
        Assert.Single(view.Replicas);
        Assert.Equal("none", view.Standbys);

        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.NotNull(run.Order.Lease);
        Assert.False((await kernel.View())!.StateSafe);
        cluster.Agents[server].Finish(run);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "it ended");
    }

    [Fact]
    public async Task How_to_keep_its_state_is_no_question()
    {
        await using var cluster = await StartAsync();
        var request = new KernelRequest(null, "echo", "default", ImmutableDictionary<string, string>.Empty, null, null)
        {
            Keeping = KeepingRequest.Default with { Durability = Durability.All },
        };
        var refused = Assert.IsType<StartKernelOutcome.Refused>(await cluster.Manager.StartKernel(request));
        Assert.Contains("'echo'", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("leave them out", refused.Reason, StringComparison.Ordinal);

        var kernel = await cluster.StartKernelAsync(spec: "echo");
        Assert.Equal(Durability.State, (await kernel.Keep(request.Keeping))!.Durability);
    }

    [Fact]
    public async Task When_its_process_ends_its_cells_end_and_it_begins_again_in_another_session()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync(spec: "echo");
        var before = (await kernel.View())!;
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        await kernel.Submit(Cell("m2"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");

        cluster.Agents[server].Kill(run.Replica);

        var lost = await watcher.NextEndingAsync("m1");
        Assert.Equal(CellEndKind.ExecutorLost, lost.Kind);
        Assert.Contains("the kernel's variables with it", lost.Reason, StringComparison.Ordinal);
        Assert.Equal(CellEndKind.Aborted, (await watcher.NextEndingAsync("m2")).Kind);
        var after = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle && v.Incarnation == 2, "it began again");
        Assert.Equal((1, false), (after.Losses, after.Session == before.Session));
        Assert.Equal(run.Replica, Assert.Single(after.Replicas).Id);
        Assert.Empty(cluster.Agents.Recalls);   // nobody else could know
        await RunAsync(cluster, kernel, "m3");
    }

    [Fact]
    public async Task When_its_process_ends_again_and_again_it_is_dead_until_its_user_restarts_it()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync(spec: "echo");
        for (var incarnation = 1; incarnation <= 5; incarnation++)
        {
            var view = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle && v.Incarnation == incarnation, $"life {incarnation}");
            cluster.Agents[view.Replicas[0].Server.Value].Kill(view.Replicas[0].Id);
        }

        var dead = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Dead, "it is dead");
        Assert.Contains("5 times within a minute", dead.Reason, StringComparison.Ordinal);
        await kernel.Restart();
        await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "it lives again");
        await RunAsync(cluster, kernel, "m1");
    }

    [Fact]
    public async Task It_does_not_move_and_a_server_that_is_drained_says_whom_it_waits_for()
    {
        await using var cluster = await StartAsync();
        var kernel = await cluster.StartKernelAsync(spec: "echo");
        var replica = (await kernel.View())!.Replicas[0];
        await RunAsync(cluster, kernel, "m1");

        var drained = (await cluster.Manager.Drain(replica.Server, drain: true))!;
        drained = await DrainedAsync(cluster, replica.Server);
        Assert.Equal(1, drained.Replicas);
        Assert.Contains("it is not replicated", drained.Reason, StringComparison.Ordinal);
        await kernel.Move(replica.Id, new(replica.Server.Value == "a" ? "b" : "a"), "the test wants it");
        Assert.Null((await kernel.View())!.Moving);
        await RunAsync(cluster, kernel, "m2");   // it goes on where it is

        await kernel.Shutdown();
        await GrainCluster.UntilAsync(async () => (await cluster.Agents.Grain(replica.Server).View())!.Replicas.IsEmpty, "the server is empty");
    }

    [VirtualTimeFact]
    public async Task When_its_server_stays_away_it_begins_again_on_another()
    {
        var clock = new ManualTimeProvider();
        await using var cluster = await StartAsync(clock);
        var kernel = await cluster.StartKernelAsync(spec: "echo");
        var replica = (await kernel.View())!.Replicas[0];
        await RunAsync(cluster, kernel, "m1");

        await cluster.Agents.DisconnectAsync(replica.Server.Value);
        for (var second = 0; second < 3 * KernelGrain.GivenUpAfter.TotalSeconds; second++)
        {
            await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
            foreach (var server in (await cluster.Manager.View()).Servers) await cluster.Agents.Grain(server.Server).Heartbeat(server.Load);
        }

        var after = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "it began again");
        Assert.NotEqual(replica.Server, Assert.Single(after.Replicas).Server);
        await RunAsync(cluster, kernel, "m2");
    }

    private static async Task<DrainView> DrainedAsync(GrainCluster cluster, ServerId server)
    {
        DrainView? view = null;
        await GrainCluster.UntilAsync(
            async () => (view = await cluster.Manager.Drain(server, drain: true))?.Reason is { Length: > 0 }, "the server says what it waits for", () => $"{view}");
        return view!;
    }

    private static async Task<GrainCluster> StartAsync(TimeProvider? time = null)
    {
        var cluster = await GrainCluster.StartAsync(time, gpus: 1, policies: PolicyCatalog.BuiltIn.Plan([], "batch"), servers: ["a", "b"]);
        cluster.Agents.OffersForeign = true;
        foreach (var server in (string[])["a", "b"]) await cluster.Agents.ConnectAsync(server, gpus: 1);
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.KernelSpecs()).Any(s => s.Name == "echo"), "the kernelspec is known");
        return cluster;
    }

    private static CellSubmission Cell(string messageId) => new(messageId, null, true, false);

    private static async Task RunAsync(GrainCluster cluster, IKernelGrain kernel, string cell)
    {
        await kernel.Submit(Cell(cell));
        var (server, run) = await cluster.Agents.NextRunAsync(cell);
        cluster.Agents[server].Finish(run);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, $"{cell} has ended");
    }
}
