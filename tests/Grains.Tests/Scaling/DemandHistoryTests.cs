using Notebook.Grains.Scaling;

namespace Notebook.Grains.Tests.Scaling;

public sealed class DemandHistoryTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly DemandHistory _history = new();

    [Fact]
    public void A_minute_has_its_peak_and_begins_with_what_the_last_one_ended_with()
    {
        _history.Note(8, s_start);
        _history.Note(20, s_start.AddSeconds(20));
        _history.Note(4, s_start.AddSeconds(40));
        _history.Note(6, s_start.AddMinutes(2));
        Assert.Equal([6, 4, 20, 0], _history.Peaks(s_start.AddMinutes(2)).Take(4));
    }

    [Fact]
    public void What_does_not_change_goes_on()
    {
        _history.Note(8, s_start);
        Assert.All(_history.Peaks(s_start.AddHours(5)), peak => Assert.Equal(8, peak));
    }

    [Fact]
    public void After_an_hour_a_peak_is_forgotten()
    {
        _history.Note(100, s_start);
        _history.Note(1, s_start.AddSeconds(1));
        Assert.Equal(100, _history.Peaks(s_start.AddMinutes(59)).Max());
        Assert.Equal(1, _history.Peaks(s_start.AddMinutes(60)).Max());
    }
}
