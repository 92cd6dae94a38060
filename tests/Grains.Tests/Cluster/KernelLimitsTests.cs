using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

public sealed class KernelLimitsTests
{
    [Theory]
    [InlineData(10, 0, 9, 9, null)]
    [InlineData(10, 0, 10, 0, "10 kernels run already")]
    [InlineData(10, 2, 5, 1, null)]
    [InlineData(10, 2, 5, 2, "user eve has 2 kernels already")]
    public void There_are_as_many_as_allowed_in_all_and_of_a_user(int most, int mostPerUser, int all, int its, string? reason)
    {
        var found = new KernelLimits(most, mostPerUser).WhyNot(all, "eve", its);
        if (reason is null) Assert.Null(found);
        else Assert.StartsWith(reason, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_out_of_range_are_faults()
    {
        Assert.Null(KernelLimits.Default.Fault);
        Assert.NotNull(new KernelLimits(0, 0).Fault);
        Assert.NotNull(new KernelLimits(1_000_000, 0).Fault);
        Assert.NotNull(new KernelLimits(1, -1).Fault);
    }
}
