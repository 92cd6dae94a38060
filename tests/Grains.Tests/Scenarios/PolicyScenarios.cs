using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Tests.Policies;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>Policies of plug-ins in the grains: what they decide is done, and when they fail the cluster goes on.</summary>
public sealed class PolicyScenarios
{
    [Fact]
    public async Task A_plug_ins_placement_is_where_the_replicas_go()
    {
        var reversed = new ScriptedPlacement((count, servers) =>
            new([.. servers.OrderByDescending(s => s.Server.Value, StringComparer.Ordinal).Take(count).Select(s => s.Server)], "backwards"));
        await using var cluster = await GrainCluster.StartAsync(policies: TestPlugins.Plan(PolicyKinds.Placement, reversed), servers: ["a", "b", "c", "d"]);
        var view = (await (await cluster.StartKernelAsync()).View())!;
        Assert.Equal(["b", "c", "d"], view.Replicas.Select(r => r.Server.Value).Order());
    }

    [Fact]
    public async Task A_kernel_starts_when_its_placement_throws()
    {
        var broken = new ScriptedPlacement((_, _) => throw new InvalidOperationException("broken"));
        await using var cluster = await GrainCluster.StartAsync(policies: TestPlugins.Plan(PolicyKinds.Placement, broken));
        Assert.Equal(3, (await (await cluster.StartKernelAsync()).View())!.Replicas.Length);
    }

    [Fact]
    public async Task Cells_run_when_the_choice_of_their_executor_never_returns()
    {
        using var hang = new ManualResetEventSlim();
        var hangs = new ScriptedExecutor(_ =>
        {
            hang.Wait();
            return [];
        });
        await using var cluster = await GrainCluster.StartAsync(policies: TestPlugins.Plan(PolicyKinds.Executor, hangs));
        var kernel = await cluster.StartKernelAsync();
        foreach (var cell in (string[])["m1", "m2", "m3"])
        {
            await kernel.Submit(new CellSubmission(cell, null, true, false));
            var (server, run) = await cluster.Agents.NextRunAsync(cell);
            cluster.Agents[server].Finish(run);
            await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, $"{cell} has ended");
        }

        hang.Set();
    }
}
