using Notebook.Embedded.Virtual;

namespace Notebook.Embedded.Tests.Virtual;

public sealed class VirtualClockTests
{
    private readonly VirtualClock _clock = new(VirtualWorld.Epoch);
    private readonly List<string> _fired = [];

    [Fact]
    public void Timers_fire_by_their_time_and_those_of_one_moment_in_the_order_in_which_they_were_set()
    {
        Set("late", 3);
        Set("first", 1);
        Set("second", 1);
        while (_clock.FireNext()) { }
        Assert.Equal(["first at 1", "second at 1", "late at 3"], _fired);
    }

    [Fact]
    public void A_period_goes_on_until_the_timer_is_disposed_of()
    {
        var timer = _clock.CreateTimer(_ => Fired("tick"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        for (var i = 0; i < 3; i++) Assert.True(_clock.FireNext());
        timer.Dispose();
        Assert.False(_clock.FireNext());
        Assert.Equal(["tick at 1", "tick at 3", "tick at 5"], _fired);
    }

    [Fact]
    public void A_timer_that_is_set_anew_forgets_its_old_time()
    {
        var timer = _clock.CreateTimer(_ => Fired("timer"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.FromSeconds(4), Timeout.InfiniteTimeSpan);
        Assert.Equal(VirtualWorld.Epoch.AddSeconds(4), _clock.Next);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.Null(_clock.Next);
        Assert.Empty(_fired);
    }

    [Fact]
    public void Time_does_not_pass_over_a_timer()
    {
        Set("due", 1);
        Assert.Throws<InvalidOperationException>(() => _clock.PassTo(VirtualWorld.Epoch.AddSeconds(2)));
        _clock.FireNext();
        _clock.PassTo(VirtualWorld.Epoch.AddSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), _clock.GetElapsedTime(VirtualWorld.Epoch.UtcTicks));
    }

    private void Set(string name, int seconds) =>
        _clock.CreateTimer(_ => Fired(name), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);

    private void Fired(string name) => _fired.Add($"{name} at {(_clock.GetUtcNow() - VirtualWorld.Epoch).TotalSeconds:0}");
}
