using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Traces;

public class ExcerptTests
{
    [Fact]
    public void It_is_what_its_description_says()
    {
        var statistics = TraceStatistics.Of(Excerpt.Read());
        Assert.Equal((316, 35), (statistics.Cells, statistics.Sessions));
        Assert.Equal([(1, 11), (4, 12), (8, 12)], statistics.SessionsByGpus.ToArray());
        Assert.Equal(187.65, statistics.BusyGpuHours, 1e-9);
        Assert.Equal(250.7333, statistics.ReservedGpuHours, 1e-4);
        Assert.Equal(854.0 / 60, Excerpt.Read().Length.TotalHours, 1e-9);
    }

    [Fact]
    public void Its_first_hour_is_cut_as_a_window()
    {
        Assert.True(TraceWindow.TryParse("0h+1h", out var window));
        Assert.True(window.TryCut(Excerpt.Read(), out var hour));
        var statistics = TraceStatistics.Of(hour);
        Assert.Equal((171, 30), (statistics.Cells, statistics.Sessions));
        Assert.Equal(58.7167, statistics.BusyGpuHours, 1e-4);
        Assert.Equal(98.3, statistics.ReservedGpuHours, 1e-9);
    }
}
