using Notebook.Hosting.Processes;
using Xunit;

namespace Notebook.Cli.Tests.Supervision;

public sealed class ProcessStatTests
{
    [Theory]
    [InlineData("python3")]
    [InlineData("a) S 1 (b c")]
    public void Fields_are_found_behind_any_program_name(string name)
    {
        var stat = ProcessStat.Parse($"42 ({name}) S 7 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 123456 0 0");
        Assert.Equal(new ProcessStat('S', 7, 123456), stat);
    }

    [Fact]
    public void A_line_cut_short_is_none() => Assert.Null(ProcessStat.Parse("42 (sh) S 7 42"));

    [Fact]
    public void A_process_is_itself_and_not_another_one_that_got_its_number()
    {
        var self = ProcessIdentity.Of(Environment.ProcessId)!;
        Assert.True(self.IsAlive);
        Assert.False((self with { StartTime = self.StartTime - 1 }).IsAlive);
        Assert.False((self with { Boot = "another" }).IsAlive);
    }
}
