using Notebook.Gateway.Clients;

namespace Notebook.Gateway.Tests.Kernels;

public sealed class MessageRateTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void As_many_as_a_second_has_come_at_once_and_the_rest_at_the_rate()
    {
        var rate = new MessageRate(10);
        for (var n = 0; n < 10; n++) Assert.Equal(TimeSpan.Zero, rate.Take(s_start));
        Assert.Equal(100, rate.Take(s_start).TotalMilliseconds, 3);
        Assert.Equal(100, rate.Take(s_start.AddMilliseconds(100)).TotalMilliseconds, 3);
        Assert.Equal(TimeSpan.Zero, rate.Take(s_start.AddSeconds(1)));
    }

    [Fact]
    public void A_long_pause_saves_up_no_more_than_a_second_has()
    {
        var rate = new MessageRate(10);
        rate.Take(s_start);
        for (var n = 0; n < 10; n++) Assert.Equal(TimeSpan.Zero, rate.Take(s_start.AddHours(1)));
        Assert.True(rate.Take(s_start.AddHours(1)) > TimeSpan.Zero);
    }

    [Fact]
    public void A_clock_that_is_set_back_gives_nothing_away()
    {
        var rate = new MessageRate(1);
        Assert.Equal(TimeSpan.Zero, rate.Take(s_start));
        Assert.Equal(TimeSpan.FromSeconds(1), rate.Take(s_start.AddHours(-1)));
        Assert.Equal(TimeSpan.FromSeconds(1), rate.Take(s_start.AddSeconds(1)));
    }

    [Fact]
    public void Without_a_limit_nothing_waits()
    {
        var rate = new MessageRate(0);
        for (var n = 0; n < 100; n++) Assert.Equal(TimeSpan.Zero, rate.Take(s_start));
    }
}
