using Notebook.Agent.Replicas;
using Notebook.Agent.State;
using Notebook.Agent.Tests.Standbys;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Tests;

/// <summary>Durability <c>all</c> with real agents, of which two have no room for large values.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task A_reply_that_cannot_promise_large_values_is_an_error_and_its_cell_counts()
    {
        await using var agents = await ThreeAgents.StartAsync(number => new StateOptions
        {
            CollectPause = TimeSpan.Zero,
            Objects = new ObjectStoreOptions { MaxDiskBytes = number == 1 ? 100_000_000 : 200_000, MinFreeDiskBytes = 0 },
        });
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot, Durability.All);
        await three.AllAsync(StandbyMode.StandbyHot);

        var cell = await three.BeginAsync(1, epoch: 1, "import random; x = random.Random(1).randbytes(300_000)");

        var gateway = await three.GatewayAsync(1);
        var reply = (await gateway.ReplyAsync(cell.MessageId)).Text();
        Assert.Contains(NotDurable.Name, reply, StringComparison.Ordinal);
        Assert.Contains("which are on server agent-1 alone", reply, StringComparison.Ordinal);
        Assert.Contains(NotDurable.Name, (await gateway.NextAsync(cell.MessageId, "error")).Text(), StringComparison.Ordinal);
        var ended = await three.EndedAsync(1, cell, ExecutionPhase.ExecutionFailed);
        Assert.Equal(NotDurable.Name, ended.Reason);

        Assert.Contains("300000", await three.RunAsync(1, epoch: 1, "print(len(x))"), StringComparison.Ordinal);
        three.Order(StandbyMode.StandbyHot);   // with less asked for, it is no error
        Assert.Contains("again", await three.RunAsync(1, epoch: 1, "y = random.Random(2).randbytes(300_000); print('again')"), StringComparison.Ordinal);
    }
}
