using Notebook.Grains.Servers;

namespace Notebook.Grains.Tests.Servers;

public sealed class StartRatesTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly StartRates _rates = new();
    private DateTimeOffset _now = s_start;

    [Fact]
    public void Nothing_is_known_before_a_window_has_ended()
    {
        _rates.Close(100, _now);   // what was started before is of no window
        Assert.Equal((TimeSpan.Zero, 0, 0.0), (_rates.Window, _rates.InWindow, _rates.PerSecond));
    }

    [Fact]
    public void A_window_counts_what_was_started_in_it_and_the_rate_is_that_of_all_windows()
    {
        _rates.Close(100, _now);
        Pass(30, total: 160);
        Assert.Equal((TimeSpan.FromSeconds(30), 60, 2.0), (_rates.Window, _rates.InWindow, _rates.PerSecond));
        Pass(90, total: 160);
        Assert.Equal((TimeSpan.FromSeconds(90), 0, 0.5), (_rates.Window, _rates.InWindow, _rates.PerSecond));
    }

    [Fact]
    public void An_agent_that_counts_anew_begins_a_window_and_what_was_measured_stays()
    {
        _rates.Close(0, _now);
        Pass(30, total: 30);
        Pass(10, total: 2);
        Assert.Equal((30, 1.0), (_rates.InWindow, _rates.PerSecond));
        Pass(10, total: 7);
        Assert.Equal((5, 35.0 / 40), (_rates.InWindow, _rates.PerSecond));
    }

    [Fact]
    public void A_burst_is_forgotten_after_twenty_windows()
    {
        _rates.Close(0, _now);
        Pass(30, total: 3000);
        for (var n = 0; n < StartRates.MaxWindows - 1; n++) Pass(30, total: 3000);
        Assert.Equal(5.0, _rates.PerSecond);
        Pass(30, total: 3000);
        Assert.Equal(0.0, _rates.PerSecond);
    }

    private void Pass(double seconds, long total) => _rates.Close(total, _now += TimeSpan.FromSeconds(seconds));
}
