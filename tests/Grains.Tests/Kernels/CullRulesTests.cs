using Notebook.Grains.Kernels;

namespace Notebook.Grains.Tests.Kernels;

public sealed class CullRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CullSettings s_hour = CullSettings.Default with { IdleTimeout = TimeSpan.FromHours(1) };

    [Theory]
    [InlineData(60, false, 0, false, false, true)]
    [InlineData(59.9, false, 0, false, false, false)]
    [InlineData(60, true, 0, false, false, false)]     // busy
    [InlineData(60, true, 0, false, true, true)]
    [InlineData(60, false, 1, false, false, false)]    // connected
    [InlineData(60, false, 1, true, false, true)]
    [InlineData(60, true, 2, true, false, false)]
    [InlineData(60, true, 2, false, true, false)]
    [InlineData(60, true, 2, true, true, true)]
    public void A_kernel_is_ended_when_nobody_has_used_it_for_long_enough_and_nothing_holds_it(
        double minutes, bool busy, int connections, bool cullConnected, bool cullBusy, bool ended)
    {
        var settings = s_hour with { Connected = cullConnected, Busy = cullBusy };
        var reason = CullRules.Reason(s_now, settings, Kernel(minutes) with { IsBusy = busy, Connections = connections });
        Assert.Equal(ended ? "nobody has used it for 60 min" : null, reason);
    }

    [Theory]
    [InlineData(0, null, null)]
    [InlineData(0, 10, 10)]
    [InlineData(60, null, 60)]
    [InlineData(60, 10, 10)]
    [InlineData(60, 600, 60)]   // the operator's word is the longest time
    public void Its_user_may_want_a_shorter_time(int operators, int? users, int? counts) =>
        Assert.Equal(
            Minutes(counts),
            (CullSettings.Default with { IdleTimeout = Minutes(operators)!.Value }).TimeoutOf(Minutes(users)));

    [Fact]
    public void Without_a_word_of_anybody_it_is_never_ended() =>
        Assert.Null(CullRules.Reason(s_now, CullSettings.Default with { Connected = true, Busy = true }, Kernel(1e6)));

    [Fact]
    public void While_gateways_may_not_have_said_who_is_there_a_kernel_counts_as_connected()
    {
        var kernel = Kernel(600) with { KnownSince = s_now - Subscribers.Lifetime + TimeSpan.FromSeconds(1) };
        Assert.Null(CullRules.Reason(s_now, s_hour, kernel));
        Assert.NotNull(CullRules.Reason(s_now + TimeSpan.FromSeconds(1), s_hour, kernel));
        Assert.NotNull(CullRules.Reason(s_now, s_hour with { Connected = true }, kernel));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("3600", 3600)]
    [InlineData("90m", 5400)]
    [InlineData("2d", 172800)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("1.5", null)]
    [InlineData("1w", null)]
    [InlineData("99999999999", null)]
    public void Times_are_written_as_seconds_or_with_a_unit(string text, int? seconds) =>
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, CullSettings.ParseTime(text));

    [Fact]
    public void Times_out_of_range_are_faults()
    {
        Assert.Null(s_hour.Fault);
        Assert.NotNull((s_hour with { IdleTimeout = TimeSpan.FromDays(366) }).Fault);
        Assert.NotNull((s_hour with { Interval = TimeSpan.Zero }).Fault);
        Assert.NotNull((s_hour with { Interval = TimeSpan.FromDays(2) }).Fault);
    }

    [Theory]
    [InlineData("600", 600, false)]
    [InlineData("0", null, false)]
    [InlineData("", null, false)]
    [InlineData("10m", null, true)]
    [InlineData("-5", null, true)]
    [InlineData("99999999", null, true)]
    public void A_kernels_own_time_is_a_variable_of_its(string text, int? seconds, bool fault)
    {
        var variables = new Dictionary<string, string> { [CullChoice.Variable] = text };
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, CullChoice.Of(variables));
        Assert.Equal(fault, CullChoice.Fault(variables) is not null);
    }

    private static CullKernel Kernel(double idleMinutes) => new(s_now - TimeSpan.FromMinutes(idleMinutes), false, 0, DateTimeOffset.MinValue, null);

    private static TimeSpan? Minutes(int? minutes) => minutes is { } m ? TimeSpan.FromMinutes(m) : null;
}
