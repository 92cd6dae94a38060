using Notebook.Grains.Replicas;

namespace Notebook.Grains.Tests.Replicas;

public sealed class RestartBudgetTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Pauses_grow_and_the_fifth_end_within_a_minute_is_the_last()
    {
        var budget = new RestartBudget();
        var pauses = Enumerable.Range(0, RestartBudget.Limit).Select(i => budget.Ended(s_start.AddSeconds(i))).ToArray();
        Assert.Null(pauses[^1]);
        Assert.Equal(pauses[..^1].Order(), pauses[..^1]);
        Assert.All(pauses[..^1], p => Assert.InRange(p!.Value.TotalSeconds, 0.01, 10));
    }

    [Fact]
    public void Ends_that_are_long_past_do_not_count()
    {
        var budget = new RestartBudget();
        for (var i = 0; i < 100; i++) Assert.NotNull(budget.Ended(s_start.AddSeconds(20 * i)));
    }
}
