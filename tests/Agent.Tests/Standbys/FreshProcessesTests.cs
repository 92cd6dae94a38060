using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>A kernel whose cells have processes of their own, with real ones, logs and links.</summary>
[Collection(ThreeAgentsCollection.Name)]
public sealed class FreshProcessesTests(ThreeAgents agents)
{
    [Fact]
    public async Task Each_cell_runs_in_another_process_with_the_state_that_the_last_one_left()
    {
        await using var three = new ThreeReplicas(agents);   // a rest would never come by itself
        three.Order(StandbyMode.StandbyHot, fresh: true);
        Assert.All(await three.AllAsync(StandbyMode.StandbyCold), report => Assert.Equal(0, report.ProcessId));

        await three.RunAsync(1, epoch: 1, "import os; first = os.getpid(); x = [1]; same = x");
        await three.PresentAsync(1, StandbyMode.StandbyCold, r => r.LastExecution.Execution == 1);
        Assert.Contains("[1, 2] True False", await three.RunAsync(1, epoch: 1, "x.append(2); print(f'{x} {x is same} {os.getpid() == first}')"), StringComparison.Ordinal);
        await three.PresentAsync(1, StandbyMode.StandbyCold, r => r.LastExecution.Execution == 2);

        Assert.Contains("[1, 2]", await three.RunAsync(2, epoch: 2, "print(same)"), StringComparison.Ordinal);   // anywhere
        await three.PresentAsync(2, StandbyMode.StandbyCold, r => r.LastExecution.Execution == 3);
    }
}
