using Notebook.Cli.Lab;
using Xunit;

namespace Notebook.Cli.Tests.Lab;

public sealed class LabServerTests : IDisposable
{
    private readonly TemporaryData _temporary = new();

    public void Dispose() => _temporary.Dispose();

    private LabServer Of(string program, bool openBrowser = false, bool isRoot = false) =>
        LabServer.Of(program, _temporary.Data, new Uri("http://127.0.0.1:8888/"), "s3cret-token", 8889, "/books", openBrowser, isRoot, "/home/me/.local/share/jupyter", "/platform/notebook_jupyter");

    [Fact]
    public void The_token_travels_by_environment_and_never_on_the_command_line()
    {
        var lab = Of("/usr/bin/jupyter-notebook");
        Assert.DoesNotContain(lab.Arguments, argument => argument.Contains("s3cret", StringComparison.Ordinal));
        Assert.Equal("s3cret-token", lab.Environment["JUPYTER_GATEWAY_AUTH_TOKEN"]);
        Assert.Equal("s3cret-token", lab.Environment["JUPYTER_TOKEN"]);
    }

    [Fact]
    public void What_it_writes_lies_in_the_data_directory()
    {
        var lab = Of("/usr/bin/jupyter-notebook");
        foreach (var folder in (string[])["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"])
            Assert.StartsWith(_temporary.Data.Root, lab.Environment[folder], StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_can_have_it_is_given_our_way_to_the_gateway()
    {
        var lab = Of("/usr/bin/jupyter-lab");
        Assert.StartsWith(lab.Environment["JUPYTER_CONFIG_DIR"], lab.ConfigFile, StringComparison.Ordinal);
        Assert.Contains("""sys.path.append("/platform/notebook_jupyter")""", lab.Config, StringComparison.Ordinal);
        Assert.Contains("notebook_jupyter.server.GatewayChannels", lab.Config, StringComparison.Ordinal);
    }

    [Fact]
    public void A_browser_and_root_are_said_only_where_they_are_so()
    {
        Assert.Contains("--no-browser", Of("/usr/bin/jupyter-lab").Arguments);
        Assert.DoesNotContain("--no-browser", Of("/usr/bin/jupyter-lab", openBrowser: true).Arguments);
        Assert.Contains("--allow-root", Of("/usr/bin/jupyter-lab", isRoot: true).Arguments);
        Assert.DoesNotContain("--allow-root", Of("/usr/bin/jupyter-lab").Arguments);
    }

    [Theory]
    [InlineData("/usr/bin/jupyter-lab", "http://127.0.0.1:8889/lab?token=s3cret-token")]
    [InlineData("/usr/bin/jupyter-notebook", "http://127.0.0.1:8889/tree?token=s3cret-token")]
    public void The_URL_is_the_front_ends_own(string program, string url) => Assert.Equal(url, Of(program).Url.ToString());
}
