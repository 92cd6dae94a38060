using Notebook.Cli.Platform;
using Xunit;

namespace Notebook.Cli.Tests.Platform;

public sealed class ScreenTests
{
    [Theory]
    [InlineData("/home/me/books/.notebook", "")]
    [InlineData("/srv/nb-1", " --data /srv/nb-1")]
    [InlineData("/srv/my data", " --data '/srv/my data'")]
    [InlineData("/srv/it's", @" --data '/srv/it'\''s'")]
    public void Commands_are_shown_as_they_find_this_platform(string root, string option) =>
        Assert.Equal(option, Screen.DataOption(root, "/home/me/books/.notebook"));
}
