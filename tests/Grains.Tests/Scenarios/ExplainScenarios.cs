namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Every decision can be asked for.</summary>
public sealed class ExplainScenarios
{
    [Fact]
    public async Task A_kernel_says_where_it_was_placed_why_its_cell_waited_and_where_it_ran()
    {
        await using var cluster = await GrainCluster.StartAsync(gpus: 1, servers: ["a", "b"]);
        foreach (var server in (string[])["a", "b"])
            await cluster.Agents.Grain(new(server)).Lease(new("11111111-2222-3333-4444-555555555555"), "somebody", 1, new(1, 0, 0, 0));
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var id = (await kernel.View())!.Kernel;
        await kernel.Submit(new("m1", null, true, false));
        var waiting = await GrainCluster.UntilAsync(kernel, v => v.Cells is [{ WaitingFor: not null }], "it waits");
        var executor = waiting.ExecutorView!;   // whichever was ready first
        var other = waiting.Replicas.Single(r => r.Id != executor.Id);
        await cluster.Agents.Grain(other.Server).Release(new("11111111-2222-3333-4444-555555555555"), 1);
        await cluster.Agents.NextRunAsync("m1");

        var decisions = await cluster.Manager.Explain(id);
        Assert.Equal(["placement", "executor", "queue", "executor"], decisions.Select(d => d.Kind));
        var (placed, waits, offered, runs) = (decisions[0], decisions[1], decisions[2], decisions[3]);
        Assert.Equal(("least-loaded", "replicas on a, b"), (placed.Policy, placed.Outcome));
        Assert.Contains(placed.Considered, c => c.What == "a" && c.Verdict.Contains("chosen: 0 of 1 GPUs idle", StringComparison.Ordinal));
        Assert.Equal((1L, "waits"), (waits.Execution, waits.Outcome));
        Assert.Equal(2, waits.Considered.Length);
        Assert.All(waits.Considered, c => Assert.Contains("has 0 of 1 GPUs idle", c.Verdict, StringComparison.Ordinal));
        Assert.Equal(("fair", $"1 GPU kept for it on server {other.Server}"), (offered.Policy, offered.Outcome));
        Assert.Equal($"runs at replica {other.Id.Number} on server {other.Server} with GPUs 0", runs.Outcome);
        Assert.Contains(runs.Considered, c => c.What == $"replica {executor.Id.Number}");
    }

    [Fact]
    public async Task Decisions_about_servers_are_asked_for_without_a_kernel()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Manager.Drain(new("a"), drain: true);
        var decision = Assert.Single(await cluster.Manager.Explain(null));
        Assert.Equal(("drain", "server a is to be empty"), (decision.Kind, decision.Outcome));
        Assert.Empty(await cluster.Manager.Explain(new KernelId("11111111-2222-3333-4444-555555555555")));
    }

    [Fact]
    public async Task A_kernel_that_was_refused_says_what_each_server_lacked()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var id = new KernelId(Guid.NewGuid().ToString());
        Assert.IsType<StartKernelOutcome.Refused>(await cluster.Manager.StartKernel(
            new(id, "", "u", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(9))));
        var decision = Assert.Single(await cluster.Manager.Explain(id));
        Assert.Equal(("placement", "refused"), (decision.Kind, decision.Outcome));
        Assert.Equal(3, decision.Considered.Length);
        Assert.All(decision.Considered, c => Assert.Contains("has only 2 GPUs", c.Verdict, StringComparison.Ordinal));
    }
}
