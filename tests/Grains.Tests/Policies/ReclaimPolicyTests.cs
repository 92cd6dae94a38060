using Notebook.Grains.Policies;
using Notebook.Grains.Policies.Catalog;

namespace Notebook.Grains.Tests.Policies;

public sealed class ReclaimPolicyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("idle:30m", 1800)]
    [InlineData("idle:180m", 10_800)]
    [InlineData("idle:1s", 1)]
    [InlineData("idle:2h", 7200)]
    [InlineData("idle:365d", 31_536_000)]
    public void A_time_is_a_number_with_a_unit(string words, int seconds)
    {
        var choice = ReclaimChoice.Parse(words)!;
        Assert.Equal(TimeSpan.FromSeconds(seconds), choice.After);
        Assert.Equal(words, PolicyCatalog.BuiltIn.Pick($"reclaim={words}").Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("idle")]
    [InlineData("idle:")]
    [InlineData("idle:30")]
    [InlineData("idle:m")]
    [InlineData("idle:0s")]
    [InlineData("idle:-1m")]
    [InlineData("idle:1.5h")]
    [InlineData("idle:366d")]
    [InlineData("idle:99999999d")]
    [InlineData("idle:999999999999d")]
    [InlineData("idle:30m:1")]
    [InlineData("none:1")]
    [InlineData("Idle:30m")]
    public void Other_words_pick_nothing(string words) => Assert.Null(ReclaimChoice.Parse(words));

    [Fact]
    public void None_is_never_asked()
    {
        var policy = Assert.IsType<ReclaimNone>(PolicyCatalog.BuiltIn.Plan([]).Picks.Single(p => p.Known.Kind == PolicyKinds.Reclaim).Policy);
        Assert.Equal(ReclaimChoice.Default, ReclaimChoice.Parse("none"));
        Assert.Null(policy.Every);
        Assert.False(policy.Decide(s_now, Kernel(idle: 1e6, unused: 1e6)).Reclaim);
    }

    [Theory]
    [InlineData(1800, 1800, true)]
    [InlineData(1799, 1800, false)]
    [InlineData(1800, 1799, false)]   // no cell, but completions
    [InlineData(-5, -5, false)]       // a clock that was set back
    public void Idle_asks_for_the_whole_time_without_cells_and_without_other_use(double idle, double unused, bool reclaim)
    {
        var decision = new ReclaimIdle(TimeSpan.FromMinutes(30)).Decide(s_now, Kernel(idle, unused));
        Assert.Equal(reclaim, decision.Reclaim);
        Assert.Contains("30 min", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(60, 6)]
    [InlineData(1800, 180)]
    [InlineData(86_400, 600)]
    public void Idle_is_asked_ten_times_in_its_time_but_neither_too_often_nor_too_seldom(int after, int every) =>
        Assert.Equal(TimeSpan.FromSeconds(every), new ReclaimIdle(TimeSpan.FromSeconds(after)).Every);

    private static ReclaimKernel Kernel(double idle, double unused) =>
        new(new KernelId("k"), "u", s_now - TimeSpan.FromSeconds(idle), s_now - TimeSpan.FromSeconds(unused), []);
}
