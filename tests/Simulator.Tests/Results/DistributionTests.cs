using FsCheck;
using FsCheck.Fluent;
using Notebook.Simulator.Results;
using Xunit;

namespace Notebook.Simulator.Tests.Results;

public class DistributionTests
{
    [Theory]
    [InlineData(5, 15)]
    [InlineData(30, 20)]
    [InlineData(40, 20)]
    [InlineData(50, 35)]
    [InlineData(99, 50)]
    [InlineData(100, 50)]
    public void A_percentile_is_the_nearest_ranks_value(double percent, double expected) =>
        Assert.Equal(expected, new Distribution([50, 15, 40, 20, 35]).Percentile(percent));

    [Fact]
    public void Rounding_moves_no_rank() => Assert.Equal(19, new Distribution(Enumerable.Range(1, 20).Select(i => (double)i)).Percentile(95));

    [Fact]
    public void No_values_have_no_figures()
    {
        var none = new Distribution([]);
        Assert.Equal((null, null, null, null, 0), (none.Mean, none.Min, none.Max, none.Percentile(50), none.Count));
    }

    [Fact]
    public void A_percentile_is_the_smallest_value_that_the_share_does_not_exceed() => Prop.ForAll(
        Gen.Choose(-50, 50).NonEmptyListOf().ToArbitrary(),
        Gen.Choose(1, 100).ToArbitrary(),
        (values, percent) =>
        {
            var naive = values.Order().First(value => values.Count(other => other <= value) * 100 >= percent * values.Count);
            return new Distribution(values.Select(value => (double)value)).Percentile(percent) == naive;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_share_up_to_a_bound_counts_values()
    {
        var values = new Distribution([1, 2, 2, 3]);
        Assert.Equal([0, 0.25, 0.75, 1], new[] { 0.5, 1, 2, 9 }.Select(values.ShareUpTo));
    }
}
