using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

public sealed class GpuAffinityPlacementTests
{
    [Theory]
    [InlineData(1, "ones")]
    [InlineData(4, "fours")]
    [InlineData(2, "empty")]   // nothing of its kind is there yet
    public void A_kernel_joins_those_that_ask_for_as_many_GPUs(int gpus, string expected) => Assert.Equal(
        expected, Place(gpus, Server("ones", promised: 3, replicas: 3), Server("fours", promised: 8, replicas: 2), Server("empty", 0, 0)));

    [Fact]
    public void It_takes_an_empty_server_before_a_full_one_of_its_kind_and_that_before_one_of_another_kind()
    {
        var (full, other) = (Server("full", promised: 2, replicas: 2, idle: 0), Server("other", promised: 4, replicas: 1));
        Assert.Equal("empty", Place(1, full, other, Server("empty", 0, 0)));
        Assert.Equal("full", Place(1, full, other));
        Assert.Equal("other", Place(1, other));
    }

    [Fact]
    public void Among_equals_it_takes_the_least_loaded() =>
        Assert.Equal("b", Place(1, Server("a", promised: 2, replicas: 2), Server("b", promised: 1, replicas: 1)));

    [Fact]
    public void It_takes_as_many_different_servers_as_it_is_asked_for()
    {
        ImmutableArray<PlacementServer> servers = [Server("a", 1, 1), Server("b", 0, 0), Server("c", 4, 1)];
        Assert.Equal(["a", "b", "c"], new GpuAffinityPlacement().Place(new ResourceRequest(1), 3, servers).Servers.Select(s => s.Value));
        Assert.Equal(["a", "b"], new GpuAffinityPlacement().Place(new ResourceRequest(1), 2, servers).Servers.Select(s => s.Value));
    }

    private static string Place(int gpus, params ImmutableArray<PlacementServer> servers) =>
        Assert.Single(new GpuAffinityPlacement().Place(new ResourceRequest(gpus), 1, [.. servers.Order(PlacementServer.LeastLoadedFirst)]).Servers).Value;

    private static PlacementServer Server(string id, int promised, int replicas, int idle = 4) =>
        new(new ServerId(id), 8, idle, promised, replicas, new ServerLoad(0, 0, 0, 0));
}
