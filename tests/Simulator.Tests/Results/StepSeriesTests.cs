using Notebook.Simulator.Results;
using Xunit;

namespace Notebook.Simulator.Tests.Results;

public class StepSeriesTests
{
    [Fact]
    public void The_area_is_in_hours_of_the_value()
    {
        var series = new StepSeries();
        series.Add(TimeSpan.FromHours(1), 4);
        series.Add(TimeSpan.FromHours(3), 1);
        Assert.Equal(0, series.HoursUntil(TimeSpan.FromHours(1)));
        Assert.Equal(4 * 2 + 1 * 2, series.HoursUntil(TimeSpan.FromHours(5)));
        Assert.Equal(4, series.HoursUntil(TimeSpan.FromHours(2)));
    }
}
