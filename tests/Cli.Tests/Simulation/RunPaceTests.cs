using Notebook.Cli.Simulation;
using Xunit;

namespace Notebook.Cli.Tests.Simulation;

public sealed class RunPaceTests
{
    [Theory]
    [InlineData(7, 17.5, 2, 0.4, "7.0 of 17.5 h simulated, 3.5 h/s")]
    [InlineData(20, 17.5, 5, 1, "17.5 of 17.5 h simulated, 3.5 h/s")]   // cells that run beyond the end
    [InlineData(0, 17.5, 0, 0, "0.0 of 17.5 h simulated")]
    public void It_says_how_far_and_how_fast(double hours, double length, double seconds, double share, string text)
    {
        var pace = new RunPace(TimeSpan.FromHours(hours), TimeSpan.FromHours(length), TimeSpan.FromSeconds(seconds));
        Assert.Equal((share, text), (Math.Round(pace.Share, 9), pace.Text));
    }
}
