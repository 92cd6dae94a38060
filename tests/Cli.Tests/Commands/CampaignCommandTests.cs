using System.CommandLine;
using Notebook.Cli.Commands;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Commands;

public sealed class CampaignCommandTests
{
    [Theory]
    [InlineData("--seeds 0", "--seeds 0: a whole number from 1 to 2147483647")]
    [InlineData("--seeds many", "--seeds many: a whole number from 1 to 2147483647")]
    [InlineData("--seeds -5", "--seeds -5: a whole number from 1 to 2147483647")]
    [InlineData("--seeds 99999999999", "--seeds 99999999999: a whole number from 1 to 2147483647")]
    [InlineData("--seeds 5 --first-seed 1.5", "--first-seed 1.5: a whole number from 0 to 2147483647")]
    public void Numbers_that_make_no_campaign_get_one_clear_line(string options, string line)
    {
        Assert.Equal(line, Assert.Single(Errors($"test raft {options}")));
        Assert.Equal(line, Assert.Single(Errors($"test simulation {options}")));
    }

    [Theory]
    [InlineData("--seeds 2 --first-seed 2147483647", "--first-seed 2147483647 --seeds 2: the last seed that there is is 2147483647")]
    [InlineData("--first-seed 7", "--first-seed and --json belong to a campaign: say how many seeds with --seeds N")]
    [InlineData("--json", "--first-seed and --json belong to a campaign: say how many seeds with --seeds N")]
    public async Task Options_that_do_not_fit_together_get_one_clear_line(string options, string line)
    {
        var parsed = Parse($"test raft {options}");
        Assert.Empty(parsed.Errors);
        var refused = await Assert.ThrowsAsync<UserException>(
            () => parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
        Assert.Equal((line, ExitCodes.Usage), (refused.Message, refused.ExitCode));
    }

    [Theory]
    [InlineData("test raft --seeds 1 --first-seed 2147483647 --json")]
    [InlineData("test raft --seeds 2147483647")]
    [InlineData("test raft")]
    [InlineData("test simulation --seeds 5 --first-seed 0 --json")]
    [InlineData("test simulation --no-install")]
    [InlineData("test raft --no-install")]
    [InlineData("test Raft.Tests --no-install")]
    [InlineData("test")]
    public void What_can_be_run_is_understood(string line) => Assert.Empty(Errors(line));

    private static IEnumerable<string> Errors(string line) => Parse(line).Errors.Select(error => error.Message);

    private static ParseResult Parse(string line) =>
        NotebookCommand.Build(new Installation("/nowhere", "/nowhere", "release", "dotnet"), TimeProvider.System).Parse(line.Split(' '));
}
