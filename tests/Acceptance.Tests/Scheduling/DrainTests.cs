using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Scheduling;

/// <summary><c>notebook drain</c> on a platform of four servers: a kernel's three replicas have one server to move to.</summary>
[Collection(ClusterGroup.Name)]
public class DrainTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_drained_server_is_empty_its_kernel_keeps_its_variables_and_nothing_is_placed_there_until_it_is_used_again()
    {
        await using var platform = await NotebookPlatform.UpAsync(agents: 4);
        try
        {
            await platform.ClusterAsync("four servers are up", s => s.Servers.Count(v => v.State == "up") == 4, s_limit);
            var kernel = await platform.Api.StartKernelAsync();
            await using var session = await platform.Api.ConnectAsync(kernel);
            await session.ExecuteAsync("x = [1, 2]; same = x");
            var before = await AllUpAsync(platform, kernel);
            var drained = before.Executor(kernel)!.Server;

            var drain = (await platform.RunAsync("drain", drained)).Checked();
            Assert.Equal($"server {drained} is empty", LastLine(drain.Stdout));
            var after = await platform.StatusAsync();
            Assert.Equal(3, after.Kernel(kernel).Replicas.Select(r => r.Server).Distinct().Count());
            Assert.DoesNotContain(after.Kernel(kernel).Replicas, r => r.Server == drained);
            Assert.Equal((true, 0), ((bool)Server(after, drained)["draining"]!, ((JsonArray)Server(after, drained)["replicas"]!).Count));
            Assert.Equal("(True, [1, 2, 3])", (await session.ExecuteAsync("same.append(3); (x is same, x)", s_limit)).Result);

            // New kernels go elsewhere, and of three servers that are left none can be emptied.
            var second = await platform.Api.StartKernelAsync();
            Assert.DoesNotContain((await AllUpAsync(platform, second)).Kernel(second).Replicas, r => r.Server == drained);
            var full = after.Kernel(kernel).Replicas[0].Server;
            var stuck = JsonNode.Parse((await platform.RunAsync("drain", full, "--no-wait", "--json")).Checked().Stdout)!;
            Assert.Equal((full, true, 2), ((string?)stuck["server"], (bool)stuck["draining"]!, (int)stuck["replicas"]!));
            Assert.StartsWith("no other server can take replica", (string?)stuck["reason"], StringComparison.Ordinal);

            // Once it is used again it is the emptiest, and may take what could go nowhere.
            var undo = (await platform.RunAsync("drain", drained, "--undo")).Checked();
            Assert.Equal($"server {drained} is used again", LastLine(undo.Stdout));
            Assert.Equal($"server {full} is empty", LastLine((await platform.RunAsync("drain", full)).Checked().Stdout));
            var moved = await platform.StatusAsync();
            Assert.All(moved.Kernels, k => Assert.Contains(k.Replicas, r => r.Server == drained));
            Assert.Equal("(True, [1, 2, 3])", (await session.ExecuteAsync("(x is same, x)", s_limit)).Result);
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }

    private static Task<PlatformStatus> AllUpAsync(NotebookPlatform platform, string kernel) => platform.ClusterAsync(
        $"three replicas of {kernel} are up", s => s.Kernels.Any(k => k.Id == kernel && k.Replicas.Count(r => r.Pid > 0) == 3), s_limit);

    private static JsonNode Server(PlatformStatus status, string id) =>
        ((JsonArray)status.Json["servers"]!).Single(s => (string?)s!["id"] == id)!;

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
}
