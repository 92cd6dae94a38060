using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

public sealed class SubscriptionTests
{
    private readonly Subscription _subscription = new(new(7, 4, 2));

    [Fact]
    public void Each_resource_has_a_limit_of_its_own()
    {
        var account = Account(promised: new(0, 0, 0, 0));
        Assert.True(_subscription.Allows(account, new(7 * 8 * 3, 0, 0, 0), 7));
        Assert.False(_subscription.Allows(account, new((7 * 8 * 3) + 1, 0, 0, 0), 7));
        Assert.True(_subscription.Allows(account, new(0, 0, 4 * 1000 * 3, 0), 1));
        Assert.False(_subscription.Allows(account, new(0, 0, (4 * 1000 * 3) + 1, 0), 1));
        Assert.True(_subscription.Allows(account, new(0, 0, 0, 2 * 100 * 3), 1));
        Assert.False(_subscription.Allows(account, new(0, 0, 0, (2 * 100 * 3) + 1), 1));
    }

    [Fact]
    public void What_is_not_asked_for_refuses_nobody()
    {
        var account = Account(promised: new(1000, 0, 100_000, 10_000));
        Assert.True(_subscription.Allows(account, default, 1));
        Assert.False(_subscription.Allows(account, new(1, 0, 0, 0), 1));
    }

    [Fact]
    public void Gpus_that_kernels_hold_for_life_are_promised_once_where_the_cluster_can_grow()
    {
        var reserved = new Subscription(new(7, 4, 2), replicasPerKernel: 1, GpuBinding.Kernel);
        reserved.Sample(100, 10);
        Assert.Equal(1, reserved.GpuLimit(canGrow: true));
        Assert.Equal(7, reserved.GpuLimit(canGrow: false));   // to refuse kernels would help nobody
    }

    [Fact]
    public void The_limit_for_gpus_is_the_average_of_demand_over_busy_where_the_cluster_can_grow()
    {
        Assert.Equal(7, _subscription.GpuLimit(canGrow: true));
        foreach (var busy in (int[])[10, 20, 20, 20, 20]) _subscription.Sample(40, busy);
        Assert.Equal((4 + (4 * 2)) / 5.0, _subscription.GpuLimit(canGrow: true), 6);
        _subscription.Sample(40, 20);
        Assert.Equal(2, _subscription.GpuLimit(canGrow: true), 6);   // the oldest of six does not count
        Assert.Equal(7, _subscription.GpuLimit(canGrow: false));
    }

    [Fact]
    public void The_limit_is_between_one_and_the_configured_one()
    {
        _subscription.Sample(5, 10);
        Assert.Equal(1, _subscription.GpuLimit(canGrow: true));
        for (var i = 0; i < 5; i++) _subscription.Sample(1000, 1);
        Assert.Equal(7, _subscription.GpuLimit(canGrow: true));
        for (var i = 0; i < 5; i++) _subscription.Sample(1000, 0);
        Assert.Equal(7, _subscription.GpuLimit(canGrow: true));
    }

    [Theory]
    [InlineData(0.9, 1, 1)]
    [InlineData(1, double.NaN, 1)]
    [InlineData(1, 1, 1001)]
    public void Limits_out_of_range_are_refused(double gpus, double cpus, double memory) =>
        Assert.Contains("from 1 to 1000", new SubscriptionLimits(gpus, cpus, memory).Fault, StringComparison.Ordinal);

    [Fact]
    public void Limits_are_read_from_three_numbers() =>
        Assert.Equal(new SubscriptionLimits(3.5, 4, 1), SubscriptionLimits.Parse("3.5,4,1"));

    [Theory]
    [InlineData("")]
    [InlineData("7,7")]
    [InlineData("7,7,2,1")]
    [InlineData("7;7;2")]
    [InlineData("7,seven,2")]
    [InlineData("7,-1,2")]
    [InlineData("7,7,1001")]
    [InlineData("NaN,7,2")]
    public void What_is_not_three_numbers_in_range_is_refused(string text) => Assert.Null(SubscriptionLimits.Parse(text));

    private static ServerAccount Account(ResourceAmounts promised) => new(new(8, 8000, 1000, 100), default, default, promised);
}
