using Notebook.Embedded.Hosting;
using Notebook.Embedded.Tests.Contract;
using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;

namespace Notebook.Embedded.Tests.Hosting;

public sealed class ReminderTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly HostFixture _host = new();

    public Task InitializeAsync() => _host.InitializeAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Reminders_tick_over_restarts_until_they_are_taken_back()
    {
        var grain = _host.Grain<IReminderGrain>();
        var key = grain.GetPrimaryKeyString();
        await grain.Remind("r", Minute, Minute * 2);
        _host.Time.Advance(Minute);
        await Signals.Raised($"reminded:{key}:r:1").Within("the first tick");
        await _host.RestartAsync();
        _host.Time.Advance(Minute * 2);
        await Signals.Raised($"reminded:{key}:r:2").Within("a tick after the restart");
        grain = _host.Grain<IReminderGrain>(key);
        await grain.Forget("r");
        await _host.RestartAsync();
        var armed = _host.Time.ArmedTimers;
        _host.Time.Advance(Minute * 10);
        Assert.True(armed <= 1, $"{armed} timers are set: only the scan for idle grains should be");
    }

    [Fact]
    public async Task A_period_that_is_too_short_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _host.Grain<IReminderGrain>().Remind("r", Minute, TimeSpan.FromSeconds(1)));

    [Fact]
    public void Missed_ticks_are_not_made_up_for()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var entry = new ReminderEntry(start, Minute);
        Assert.Equal(start, entry.NextTick(start - Minute));
        Assert.Equal(start + Minute, entry.NextTick(start));
        Assert.Equal(start + (Minute * 11), entry.NextTick(start + (Minute * 10.5)));
    }
}
