using Notebook.Agent.Processes;

namespace Notebook.Agent.Tests.Processes;

public sealed class PoolRulesTests
{
    [Theory]
    [InlineData(4, 4)]
    [InlineData(0, 0)]
    [InlineData(-3, 0)]
    [InlineData(1000, PoolRules.MaxSize)]
    public void What_is_asked_for_is_kept_within_the_most(int asked, int size) =>
        Assert.Equal(size, PoolRules.Size(asked, pools: 1, warm: 0, processMemoryMb: 0, freeMemoryMb: null));

    [Theory]
    [InlineData(1, 0, 400, 2)]     // a quarter of 400 MB is room for two of 50
    [InlineData(1, 3, 400, 5)]     // beside those that are there
    [InlineData(2, 3, 400, 2)]     // of each kernelspec
    [InlineData(1, 2, 0, 2)]
    [InlineData(1, 2, -5, 2)]
    [InlineData(1, 0, 100_000, 8)]
    public void Memory_is_the_bound_where_it_is_known(int pools, int warm, long freeMemoryMb, int size) =>
        Assert.Equal(size, PoolRules.Size(asked: 8, pools, warm, processMemoryMb: 50, freeMemoryMb));

    [Fact]
    public void A_server_without_kernelspecs_has_no_bound_to_heed() =>
        Assert.Equal(3, PoolRules.Size(3, pools: 0, warm: 0, processMemoryMb: 50, freeMemoryMb: 0));
}
