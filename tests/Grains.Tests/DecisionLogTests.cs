namespace Notebook.Grains.Tests;

public sealed class DecisionLogTests
{
    private static readonly Decision s_decision = new(DateTimeOffset.UnixEpoch, "executor", new("k"), 1, "sticky", "waits", "no room", []);

    [Fact]
    public void The_oldest_goes_first_when_it_is_full()
    {
        var log = new DecisionLog(capacity: 3);
        for (var i = 1; i <= 5; i++) Assert.True(log.Note(s_decision with { Execution = i }));
        Assert.Equal([3L, 4L, 5L], log.Of(null).Select(d => d.Execution));
    }

    [Fact]
    public void The_same_again_is_not_noted_twice_but_another_reason_is()
    {
        var log = new DecisionLog(capacity: 3);
        Assert.True(log.Note(s_decision));
        Assert.False(log.Note(s_decision with { At = DateTimeOffset.MaxValue, Considered = [new("a", "so")] }));
        Assert.True(log.Note(s_decision with { Reason = "place 2 of 2" }));
        Assert.True(log.Note(s_decision));
    }

    [Fact]
    public void A_kernel_sees_its_own()
    {
        var log = new DecisionLog(capacity: 3);
        log.Note(s_decision);
        log.Note(s_decision with { Kernel = new("other") });
        log.Note(s_decision with { Kernel = null });
        Assert.Equal("k", Assert.Single(log.Of(new("k"))).Kernel!.Value.Value);
    }
}
