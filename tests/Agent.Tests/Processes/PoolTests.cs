using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Processes;

/// <summary>The silo sizes a real agent's pools of real processes.</summary>
[Collection(AgentCollection.Name)]
public sealed class PoolTests(RunningAgent agent)
{
    [Fact]
    public async Task A_pool_grows_and_shrinks_as_the_silo_says_and_says_what_it_measured()
    {
        agent.Silo.Order(new() { Pool = new SetPool { Size = 4 } });
        var grown = await LoadAsync("four are warm", load => load.Pool.Target == 4 && load.WarmProcesses == 4);
        Assert.InRange(grown.Pool.StartUs, 1, 60_000_000);
        Assert.InRange(grown.Pool.ProcessMemoryMb, 1, 1000);

        agent.Silo.Order(new() { Pool = new SetPool { Size = 0 } });
        var empty = await LoadAsync("none is warm", load => load.Pool.Target == 0 && load.WarmProcesses == 0);
        var (missed, gateway) = await agent.StartReplicaAsync();
        await gateway.DisposeAsync();
        var after = await LoadAsync(
            "a start had to wait, and for how long", load => load.Pool.Misses == empty.Pool.Misses + 1 && load.Pool.HoldingUs > 0);
        Assert.Equal((empty.Pool.Hits, 0), (after.Pool.Hits, after.WarmProcesses));
        Assert.InRange(after.Pool.HoldingUs, 1, 60_000_000);

        agent.Silo.Order(new() { Pool = new SetPool() });   // as it was started
        await LoadAsync("two are warm", load => load.Pool.Target == 2 && load.WarmProcesses == 2 && load.Pool.Misses == after.Pool.Misses);
        var (found, second) = await agent.StartReplicaAsync();
        await second.DisposeAsync();
        await LoadAsync("a start found one", load => load.Pool.Hits == after.Pool.Hits + 1 && load.Pool.Misses == after.Pool.Misses);
        foreach (var replica in (string[])[missed, found]) agent.Silo.Order(new() { Stop = new StopReplica { Replica = replica } });
    }

    private Task<Load> LoadAsync(string what, Func<Load, bool> wanted) => agent.Silo.Heartbeats.NextAsync(what, wanted);
}
