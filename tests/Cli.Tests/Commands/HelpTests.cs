using Notebook.Cli.Commands;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("explain -h")]
    [InlineData("drain --help")]
    [InlineData("gpus --help")]
    public async Task Help_is_given_to_whoever_has_not_said_the_rest_yet(string arguments) =>
        Assert.Equal(ExitCodes.Ok, await ProcessMain.RunAsync("notebook", NotebookCommand.Build(Installation.Locate(), TimeProvider.System), arguments.Split(' ')));

    [Fact]
    public async Task Without_it_what_is_missing_is_an_error() =>
        Assert.Equal(ExitCodes.Usage, await ProcessMain.RunAsync("notebook", NotebookCommand.Build(Installation.Locate(), TimeProvider.System), ["run"]));
}
