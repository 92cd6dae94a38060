using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

public sealed class PolicyTests
{
    [Fact]
    public void Least_loaded_placement_takes_different_servers_by_promised_gpus_then_replicas_then_cpu_then_id()
    {
        PlacementServer[] servers = [Server("e", 2, 0, 0), Server("d", 1, 2, 0), Server("c", 1, 1, 0.5), Server("b", 1, 1, 0.1), Server("a", 1, 1, 0.1)];
        var decision = new LeastLoadedPlacement().Place(new ResourceRequest(1), 3, [.. servers.Order(PlacementServer.LeastLoadedFirst)]);
        Assert.Equal(["a", "b", "c"], decision.Servers.Select(s => s.Value));
    }

    [Fact]
    public void Least_loaded_placement_takes_what_there_is() =>
        Assert.Single(new LeastLoadedPlacement().Place(new ResourceRequest(1), 3, [Server("a", 0, 0, 0)]).Servers);

    [Fact]
    public void Sticky_executor_prefers_the_last_one_then_the_holders_of_state()
    {
        var order = new StickyExecutor().Order(new ReplicaId("k/3"),
            [Candidate(1, false), Candidate(2, true), Candidate(3, false)]);
        Assert.Equal(["k/3", "k/2", "k/1"], order.Select(r => r.Value));
    }

    [Theory]
    [InlineData(null, StandbyMode.Warm)]
    [InlineData(StandbyMode.Cold, StandbyMode.Cold)]
    public void Standbys_are_as_the_kernel_asks_and_else_as_the_operator_chose(StandbyMode? asked, StandbyMode expected)
    {
        var policy = new ChosenStandby(StandbyMode.Warm);
        Assert.Equal("warm", policy.Name);
        Assert.Equal(expected, policy.Choose(new StandbyKernel(new KernelId("k"), asked, 3)).Mode);
    }

    private static PlacementServer Server(string id, int promised, int replicas, double cpu) =>
        new(new ServerId(id), 4, 4, promised, replicas, new ServerLoad(cpu, 0, 0, 0));

    private static ExecutorCandidate Candidate(int number, bool holdsState) =>
        new(ReplicaId.Of(new KernelId("k"), number), new ServerId($"s{number}"), holdsState);
}
