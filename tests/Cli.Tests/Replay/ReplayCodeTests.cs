using Notebook.Cli.Replay;
using Xunit;

namespace Notebook.Cli.Tests.Replay;

public sealed class ReplayCodeTests
{
    [Fact]
    public void A_cell_sleeps_as_long_as_it_is_to_take() =>
        Assert.Contains("time.sleep(2.5)\n", ReplayCode.Of(TimeSpan.FromSeconds(2.5)).ReplaceLineEndings("\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("", null, null)]
    [InlineData("replay begins 10.25\n", 10.25, null)]
    [InlineData("replay begins 10.250000\nreplay ends 12.500000\n", 10.25, 12.5)]
    [InlineData("replay begins 10.2", 10.2, null)]
    [InlineData("hello\nreplay begins\nreplay begins x\n", null, null)]
    public void What_it_prints_says_when_its_code_began_and_ended(string printed, double? began, double? ended)
    {
        var read = ReplayCode.Read(printed);
        Assert.Equal((At(began), At(ended)), (read.Began, read.Ended));
    }

    private static DateTimeOffset? At(double? seconds) => seconds is { } value ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(value) : null;
}
