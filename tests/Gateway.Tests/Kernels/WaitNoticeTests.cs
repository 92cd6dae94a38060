using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Tests.Kernels;

public sealed class WaitNoticeTests
{
    private static readonly TimeSpan s_after = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);
    private readonly WaitNotice _notice = new();

    [Fact]
    public void It_is_said_after_a_while_and_once()
    {
        Assert.Null(Due);
        _notice.Hear("place 3", At(5));
        Assert.Equal(At(6), Due);
        _notice.Hear("place 3", At(5.5));
        Assert.Equal(At(6), Due);
        Assert.Equal("[waiting for place 3]", _notice.Say(At(6)));
        Assert.Null(Due);
        _notice.Hear("place 3", At(60));
        Assert.Null(Due);
    }

    [Fact]
    public void Another_reason_before_the_first_word_does_not_put_it_off()
    {
        _notice.Hear("place 3", At(5));
        _notice.Hear("place 2", At(5.9));
        Assert.Equal(At(6), Due);
        Assert.Equal("[waiting for place 2]", _notice.Say(At(6)));
    }

    [Fact]
    public void Another_reason_is_said_too_but_not_too_often()
    {
        _notice.Hear("place 3", At(0));
        _notice.Say(At(1));
        _notice.Hear("place 2", At(2));
        Assert.Equal(At(11), Due);
        _notice.Hear("place 1", At(3));
        Assert.Equal("[waiting for place 1]", _notice.Say(At(11)));
        Assert.Null(Due);
    }

    [Fact]
    public void A_reason_that_is_as_it_was_said_is_no_news()
    {
        _notice.Hear("place 3", At(0));
        _notice.Say(At(1));
        _notice.Hear("place 4", At(2));
        _notice.Hear("place 3", At(3));
        Assert.Null(Due);
    }

    [Fact]
    public void A_cell_that_runs_says_nothing_any_more()
    {
        _notice.Hear("place 3", At(0));
        _notice.Hear(null, At(0.5));
        Assert.Null(Due);
        _notice.Hear("place 3", At(20));   // it was taken back
        Assert.Equal(At(21), Due);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("1", true)]
    [InlineData("0", false)]
    public void A_kernel_can_be_quiet(string? variable, bool wanted)
    {
        var environment = new Dictionary<string, string>();
        if (variable is not null) environment[WaitNotices.Variable] = variable;
        Assert.Equal(wanted, WaitNotices.AreWanted(environment));
        Assert.Null(WaitNotices.Fault(environment));
        environment[WaitNotices.Variable] = "off";
        Assert.Contains("must be 0 or 1, not 'off'", WaitNotices.Fault(environment), StringComparison.Ordinal);
    }

    private DateTimeOffset? Due => _notice.DueAt(s_after, s_every);

    private static DateTimeOffset At(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
}
