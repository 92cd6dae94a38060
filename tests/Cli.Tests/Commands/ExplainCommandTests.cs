using Notebook.Cli.Commands;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Commands;

public sealed class ExplainCommandTests
{
    [Fact]
    public void A_kernel_may_have_the_number_of_a_cell_behind_it()
    {
        Assert.Equal(((string?)null, (long?)null), ExplainCommand.Read(null));
        Assert.Equal(("abc", (long?)null), ExplainCommand.Read("abc"));
        Assert.Equal(("abc", 12L), ExplainCommand.Read("abc#12"));
    }

    [Theory]
    [InlineData("abc#")]
    [InlineData("abc#x")]
    [InlineData("abc#0")]
    [InlineData("abc#-1")]
    public void What_is_no_number_is_named(string about) =>
        Assert.Contains("no number of a cell", Assert.Throws<UserException>(() => ExplainCommand.Read(about)).Message, StringComparison.Ordinal);
}
