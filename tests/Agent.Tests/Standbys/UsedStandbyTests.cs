using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>Standbys whose rest is a long time off.</summary>
[Collection(ThreeAgentsCollection.Name)]
public sealed class UsedStandbyTests(ThreeAgents agents)
{
    [Fact]
    public async Task A_standby_that_was_used_stays_as_it_is_for_a_while()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyCold);
        await three.AllAsync(StandbyMode.StandbyCold);
        await three.RunAsync(1, epoch: 1, "x = 1");
        var pid = (await three.PresentAsync(1, StandbyMode.StandbyHot)).ProcessId;
        await three.RunAsync(2, epoch: 2, "x += 1");
        Assert.Contains("2", await three.RunAsync(1, epoch: 3, "print(x)"), StringComparison.Ordinal);
        Assert.DoesNotContain(three.UnaskedOf(1), r => r.ProcessId != pid && r.Standby == StandbyMode.StandbyHot);
    }
}
