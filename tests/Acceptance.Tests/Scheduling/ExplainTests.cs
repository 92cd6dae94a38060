using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Scheduling;

/// <summary>What an operator can ask of the scheduling, with the commands that are there for it.</summary>
public class ExplainTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int Failed = 1, Usage = 2;

    [Fact]
    public async Task A_kernels_decisions_are_told_and_those_of_one_cell_alone()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("1 + 1");
        await session.ExecuteAsync("2 + 2");

        var text = (await Platform.RunAsync("explain", kernel[..13])).Checked().Stdout;
        Assert.Contains("placement (least-loaded): ", text, StringComparison.Ordinal);
        Assert.Contains("executor cell 1 (sticky): runs at replica ", text, StringComparison.Ordinal);
        Assert.Contains("because it ran the last cell", text, StringComparison.Ordinal);

        var ofAll = await ExplainAsync(kernel);
        Assert.Equal("placement", (string?)ofAll[0]!["kind"]);
        Assert.Equal([1, 2], ofAll.Where(d => (string?)d!["kind"] == "executor").Select(d => (long)d!["execution"]!));
        Assert.All(ofAll, d => Assert.Equal(kernel, (string?)d!["kernel"]));
        Assert.All(ofAll, d => Assert.NotEqual("", (string?)d!["reason"]));

        var ofOne = await ExplainAsync($"{kernel}#2");
        Assert.Equal(("executor", 2), ((string?)Assert.Single(ofOne)!["kind"], (long)ofOne[0]!["execution"]!));
        Assert.DoesNotContain("cell 1", (await Platform.RunAsync("explain", $"{kernel}#2")).Checked().Stdout, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Failed, "no kernel's id begins with 'nobody'", "explain", "nobody")]
    [InlineData(Usage, "'last' is no number of a cell", "explain", "nobody#last")]
    [InlineData(Failed, "there is no server 'nowhere'", "drain", "nowhere")]
    [InlineData(Failed, "there is no server 'nowhere'", "drain", "nowhere", "--undo")]
    public async Task What_there_is_not_is_one_line(int exitCode, string line, string verb, params string[] arguments)
    {
        var result = await Platform.RunAsync(verb, arguments);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Stdout));
        Assert.Contains(line, Assert.Single(result.Stderr.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_shows_resources_in_four_amounts_the_queue_and_moves()
    {
        var kernel = await StartKernelAsync(new JsonObject { ["env"] = new JsonObject { ["KERNEL_GPUS"] = "3" } });
        var session = await ConnectAsync(kernel);
        var cell = await session.SubmitAsync("print('on', input())", allowStdin: true);
        await session.WaitAsync("the cell's input_request", m => m.Type == "input_request");
        var during = (await Platform.StatusAsync()).Json;
        await session.SendAsync("stdin", "input_reply", new JsonObject { ["value"] = "we go" });
        await session.EndOfAsync(cell);

        Assert.Empty((JsonArray)during["gpu_queue"]!);
        Assert.Empty((JsonArray)during["moves"]!);
        Assert.Equal(7, (double)during["subscription_limit"]!);
        var shown = ((JsonArray)during["kernels"]!).Single(k => (string?)k!["id"] == kernel)!;
        Assert.Equal(3, (int)shown["resources"]!["gpus"]!);
        Assert.Null(shown["moving"]);
        var servers = (JsonArray)during["servers"]!;
        Assert.Equal(3, servers.Sum(s => (int)s!["resources"]!["committed"]!["gpus"]!));
        Assert.All(servers, s =>
        {
            var resources = s!["resources"]!;
            Assert.False((bool)s["draining"]!);
            Assert.Equal((8, 0), ((int)resources["spec"]!["gpus"]!, (int)resources["held"]!["gpus"]!));
            Assert.Equal((int)s["promised_gpus"]!, (int)resources["promised"]!["gpus"]!);
            Assert.True((long)resources["spec"]!["milli_cpus"]! > 0 && (long)resources["spec"]!["memory_mb"]! > 0 && (long)resources["spec"]!["gpu_memory_mb"]! > 0);
        });
    }

    private async Task<JsonArray> ExplainAsync(string about) =>
        (JsonArray)JsonNode.Parse((await Platform.RunAsync("explain", about, "--json")).Checked().Stdout)!;
}
