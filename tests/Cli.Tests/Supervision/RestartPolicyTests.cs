using Notebook.Cli.Supervision;
using Xunit;

namespace Notebook.Cli.Tests.Supervision;

public sealed class RestartPolicyTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_first_death_is_answered_at_once_and_the_next_ones_ever_later_up_to_five_seconds()
    {
        var policy = new RestartPolicy();
        var delays = Enumerable.Range(0, 8).Select(_ => Assert.IsType<RestartDecision.After>(policy.Ended(Quick)).Delay.TotalSeconds);
        Assert.Equal([0, 0.5, 1, 2, 4, 5, 5, 5], delays);
    }

    [Fact]
    public void It_gives_up_after_a_bounded_number_of_quick_failures()
    {
        var policy = new RestartPolicy();
        for (var i = 0; i < RestartPolicy.FailuresMax; i++) Assert.IsType<RestartDecision.After>(policy.Ended(Quick));
        Assert.Equal(new RestartDecision.GiveUp(RestartPolicy.FailuresMax), policy.Ended(Quick));
    }

    [Fact]
    public void A_long_run_forgives_what_was_before()
    {
        var policy = new RestartPolicy();
        for (var i = 0; i < RestartPolicy.FailuresMax; i++) policy.Ended(Quick);
        Assert.Equal(new RestartDecision.After(TimeSpan.Zero), policy.Ended(RestartPolicy.LongRun));
    }
}
