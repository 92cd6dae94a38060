using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

public sealed class PeakScalingTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PeakScaling s_rule = new();

    [Theory]
    [InlineData(17, 0)]   // and 7 to spare fit into 3 servers of 8
    [InlineData(18, 1)]
    [InlineData(40, 3)]
    public void There_are_as_many_as_the_highest_demand_of_eight_minutes_needs(int peak, int added) =>
        Assert.Equal(added, s_rule.Decide(View([0, 0, peak, 0], 0, 1, 2)).Add);

    [Fact]
    public void What_was_longer_ago_does_not_count()
    {
        ImmutableArray<int> peaks = [.. Enumerable.Repeat(1, 8), 80];
        Assert.Equal(0, s_rule.Decide(View(peaks, 0)).Add);
        Assert.Equal(10, new PeakScaling(TimeSpan.FromMinutes(20), 4).Decide(View(peaks, 0)).Add);
    }

    [Fact]
    public void Idle_servers_above_it_go_and_busy_ones_stay()
    {
        Assert.Equal(["1"], Removed(s_rule.Decide(View([1], 1, 0))));
        Assert.Empty(Removed(s_rule.Decide(View([1], 1, 1))));
    }

    [Fact]
    public void A_request_that_fits_nowhere_brings_a_server_whatever_the_peak() =>
        Assert.Equal(1, s_rule.Decide(View([10], 5, 5, 5) with { Waiting = [new(8, 0, 0, 0)] }).Add);

    /// <summary>Where servers are small, what is kept ready is small too.</summary>
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(4, 2)]
    [InlineData(16, 2)]
    public void What_is_spare_is_just_short_of_a_server(int gpusPerServer, int added) =>
        Assert.Equal(added, s_rule.Decide(View([3]) with { GpusPerServer = gpusPerServer }).Add);

    [Fact]
    public void The_bounds_hold()
    {
        Assert.Equal(2, s_rule.Decide(View([1000], 8) with { Maximum = 3 }).Add);
        Assert.Empty(Removed(s_rule.Decide(View([0], 0, 0) with { Minimum = 2 })));
    }

    [Theory]
    [InlineData("10")]
    [InlineData("0,4")]
    [InlineData("61,4")]
    [InlineData("10,-1")]
    [InlineData("ten,4")]
    public void Figures_that_make_no_sense_are_refused(string text) =>
        Assert.Contains("MINUTES,GPUS", Assert.Throws<FormatException>(() => PeakScaling.Parse(text)).Message, StringComparison.Ordinal);

    private static IEnumerable<string> Removed(ScalingDecision decision) => decision.Remove.Select(s => s.Value);

    /// <summary>Servers of 8 GPUs, of which so many are committed.</summary>
    private static ScalingView View(ImmutableArray<int> peaks, params int[] committed) => new(
        s_now,
        [.. committed.Select((gpus, i) => new ScalingServer(new($"{i}"), 8, gpus, 0, 0, false, true, true, s_now.AddHours(-1)))],
        [], [], 0, 1000, 3, 8, TimeSpan.FromSeconds(30))
    {
        DemandPeaks = peaks,
    };
}
