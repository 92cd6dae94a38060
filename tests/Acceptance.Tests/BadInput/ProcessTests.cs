using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.BadInput;

/// <summary>Processes that cannot start say so in one line, and end with the exit code that means it.</summary>
public class ProcessTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int PortInUse = 3, DataDirectory = 4, RefusedByPeer = 6;

    [Fact]
    public async Task An_agent_with_a_wrong_cluster_key_is_refused_by_name()
    {
        using var data = new TemporaryDirectory();
        var silo = (await Platform.StatusAsync()).Process("silo");

        Directory.CreateDirectory(Path.Combine(data.Path, "secrets"));
        await File.WriteAllTextAsync(Path.Combine(data.Path, "secrets", "cluster.key"), new string('0', 64));

        var result = await Command.NotebookAsync(
            "Agent",
            ["--data", data.Path, "--id", "stranger", "--listen", "127.0.0.1:0", "--silo", WebSocketAddress(silo.Address), "--gpus", "none"],
            TimeSpan.FromSeconds(30));

        Assert.Equal(RefusedByPeer, result.ExitCode);
        Assert.Contains("stranger", result.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain((await Platform.StatusAsync()).Servers, s => s.Id == "stranger");
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var data = new TemporaryDirectory();

        var result = await NotebookPlatform.UpAsync(data.Path, Platform.Address.Port);

        AssertOneLine(result, PortInUse, $"{Platform.Address.Port}");
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_named()
    {
        using var data = new TemporaryDirectory();
        var file = Path.Combine(data.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var result = await NotebookPlatform.UpAsync(Path.Combine(file, "data"), NotebookPlatform.FreePort());

        AssertOneLine(result, DataDirectory, file);
    }

    private static void AssertOneLine(CommandResult result, int exitCode, string named)
    {
        Assert.True(result.ExitCode == exitCode, $"exit code {result.ExitCode}, expected {exitCode}:\n{result.Stdout}\n{result.Stderr}");
        var line = Assert.Single(result.Stderr.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    private static string WebSocketAddress(string address) =>
        new UriBuilder(address.Contains("://", StringComparison.Ordinal) ? address : $"ws://{address}") { Scheme = "ws" }.Uri.AbsoluteUri;
}
