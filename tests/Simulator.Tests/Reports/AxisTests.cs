using Notebook.Simulator.Reports.Plots;
using Xunit;

namespace Notebook.Simulator.Tests.Reports;

public class AxisTests
{
    [Theory]
    [InlineData(4_997, "0|1,000|2,000|3,000|4,000|5,000")]
    [InlineData(5_000, "0|1,000|2,000|3,000|4,000|5,000")]
    [InlineData(0.7, "0|0.2|0.4|0.6|0.8")]
    [InlineData(12, "0|2.5|5|7.5|10|12.5")]
    public void A_count_has_round_ticks_up_to_at_least_its_highest_value(double max, string names)
    {
        var axis = Axis.FromZero("GPUs", max);
        Assert.Equal(names, string.Join('|', axis.Ticks.Select(tick => tick.Name)));
        Assert.Equal(1, axis.Place(axis.Ticks[^1].Value), 1e-12);
        Assert.True(axis.Place(max) <= 1 + 1e-12);
    }

    [Fact]
    public void Nothing_at_all_has_an_axis() => Assert.Equal(0, Axis.FromZero("GPUs", 0).Place(0));

    [Fact]
    public void Seconds_are_placed_by_powers_of_ten()
    {
        var axis = Axis.LogSeconds("delay", 0.015, 700);
        Assert.Equal("10 ms|0.1 s|1 s|10 s|100 s|1,000 s", string.Join('|', axis.Ticks.Select(tick => tick.Name)));
        Assert.Equal(0.4, axis.Place(1), 1e-12);
        Assert.Equal((0, 0), (axis.Place(0), axis.Place(0.001)));
    }

    [Fact]
    public void Long_times_have_short_names() => Assert.Equal(
        "100 s|1,000 s|10⁴ s|10⁵ s|10⁶ s|10⁷ s", string.Join('|', Axis.LogSeconds("completion", 120, 2_592_000).Ticks.Select(tick => tick.Name)));

    [Theory]
    [InlineData(17.5, "hours since the start", 17)]
    [InlineData(96, "hours since the start", 96)]
    [InlineData(720, "days since the start", 30)]
    public void Time_is_in_hours_and_in_days_where_it_is_long(double hours, string title, double last)
    {
        var axis = Axis.Time(hours);
        Assert.Equal(title, axis.Title);
        Assert.Equal(1, axis.Place(hours), 1e-12);
        Assert.InRange(axis.Ticks.Length, 4, 17);
        Assert.InRange(double.Parse(axis.Ticks[^1].Name, System.Globalization.CultureInfo.InvariantCulture), last * 0.9, last);
    }
}
