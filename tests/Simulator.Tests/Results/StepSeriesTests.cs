using FsCheck;
using FsCheck.Fluent;
using Notebook.Simulator.Results;
using Xunit;

namespace Notebook.Simulator.Tests.Results;

public class StepSeriesTests
{
    [Fact]
    public void The_area_is_in_hours_of_the_value()
    {
        var series = Series((1, 4), (3, 1));
        Assert.Equal(0, series.HoursUntil(TimeSpan.FromHours(1)));
        Assert.Equal(4 * 2 + 1 * 2, series.HoursUntil(TimeSpan.FromHours(5)));
        Assert.Equal(4, series.HoursUntil(TimeSpan.FromHours(2)));
        Assert.Equal(2, series.MeanUntil(TimeSpan.FromHours(5)));
    }

    [Fact]
    public void A_value_holds_from_its_time_on_until_the_next()
    {
        var series = Series((1, 4), (3, 1));
        Assert.Equal((0, 4, 4), (series.At(Hours(0.5)), series.At(Hours(1)), series.At(Hours(2.9))));
        Assert.Equal((1, 1), (series.At(Hours(3)), series.At(Hours(9))));
        Assert.Equal((0, 4), (series.MaxUntil(Hours(1)), series.MaxUntil(Hours(1.1))));
    }

    [Fact]
    public void A_later_word_about_one_time_takes_the_earlier_ones_place()
    {
        var series = Series((1, 4), (1, 5), (2, 5), (3, 0), (3, 5));
        Assert.Equal([new(TimeSpan.FromHours(1), 5)], series.Steps.ToArray());
    }

    [Fact]
    public void Time_does_not_go_back() => Assert.Throws<ArgumentOutOfRangeException>(() => Series((2, 1), (1, 2)));

    [Fact]
    public void Intervals_add_up()
    {
        var series = StepSeries.OfIntervals([(Hours(1), Hours(3), 2), (Hours(2), Hours(4), 1), (Hours(3), Hours(3), 9)]);
        Assert.Equal([new(Hours(1), 2), new(Hours(2), 3), new(Hours(3), 1), new(Hours(4), 0)], series.Steps.ToArray());
    }

    [Fact]
    public void Two_series_are_combined_step_by_step()
    {
        var ratio = Series((1, 4), (3, 0)).With(Series((0, 2), (2, 8)), (a, b) => a / b);
        Assert.Equal([new(Hours(1), 2), new(Hours(2), 0.5), new(Hours(3), 0)], ratio.Steps.ToArray());
    }

    [Fact]
    public void The_parts_of_a_series_have_its_area_and_its_extremes() => Prop.ForAll(
        Gen.Choose(0, 200).Two().ListOf().ToArbitrary(),
        Gen.Choose(1, 40).ToArbitrary(),
        (steps, count) =>
        {
            var series = new StepSeries();
            foreach (var (minute, value) in steps.OrderBy(step => step.Item1)) series.Add(TimeSpan.FromMinutes(minute), value);
            var end = TimeSpan.FromMinutes(150);
            var parts = series.Sample(end, count);
            return Math.Abs(parts.Sum(part => part.Mean) / count - series.MeanUntil(end)) < 1e-6
                && parts.Max(part => part.Max) == series.MaxUntil(end)
                && parts.All(part => part.Min <= part.Mean + 1e-9 && part.Mean <= part.Max + 1e-9);
        }).QuickCheckThrowOnFailure();

    private static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);

    private static StepSeries Series(params ReadOnlySpan<(double Hours, double Value)> steps)
    {
        var series = new StepSeries();
        foreach (var (hours, value) in steps) series.Add(Hours(hours), value);
        return series;
    }
}
