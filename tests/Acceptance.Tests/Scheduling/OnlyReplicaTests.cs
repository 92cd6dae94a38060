using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Scheduling;

/// <summary>A kernel of one replica on real agents: <c>notebook drain</c> takes it to another server with all that it has.</summary>
[Collection(Platform.ClusterGroup.Name)]
public class OnlyReplicaTests(ITestOutputHelper output)
{
    private const string Make = """
        import numpy as np
        x = [1, 2]; same = x
        a = np.arange(4_000_000, dtype='f8')
        b = [bytes([i]) * 200_000 for i in range(10)]
        """;

    private const string Look = "x is same, x, float(a.sum()), [v[0] for v in b] == list(range(10)), sum(map(len, b))";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("gandiva")]
    [InlineData("batch")]   // without a process that holds what the log and the large values do not
    public async Task It_is_drained_to_another_server_with_its_variables_and_its_old_server_is_not_needed_any_more(string regime)
    {
        await using var platform = await UpAsync(regime);
        try
        {
            var (kernel, session, first) = await OpenAsync(platform);
            await using var _ = session;
            Assert.Equal($"server {first} is empty", LastLine((await platform.RunAsync("drain", first)).Checked().Stdout));
            var after = await platform.StatusAsync();
            var replica = Assert.Single(after.Kernel(kernel).Replicas);
            Assert.NotEqual(first, replica.Server);
            Assert.Equal(replica.Id, after.Executor(kernel)!.Id);

            Processes.KillNine(after.Servers.Single(s => s.Id == first).Pid);
            var cell = await session.ExecuteAsync(Look, s_limit);
            Assert.Equal("(True, [1, 2], 7999998000000.0, True, 2000000)", cell.Result);
            Assert.Equal("[1, 2, 3]", (await session.ExecuteAsync("same.append(3); x", s_limit)).Result);
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }

    [Theory]
    [InlineData("the server that it leaves")]
    [InlineData("the server that it goes to")]
    public async Task Nothing_is_lost_when_a_servers_agent_is_killed_while_it_moves(string killed)
    {
        await using var platform = await UpAsync("gandiva");
        try
        {
            var (kernel, session, first) = await OpenAsync(platform);
            await using var _ = session;
            (await platform.RunAsync("drain", first, "--no-wait")).Checked();
            var moving = await platform.ClusterAsync("it moves, or has moved", s => s.Kernel(kernel).Replicas.Any(r => r.Server != first), s_limit);
            var agent = moving.Servers.Single(s => s.Id == first == (killed == "the server that it leaves"));
            Processes.KillNine(agent.Pid);
            await platform.ClusterAsync(
                "the agent is there again, and the kernel has an executor",
                s => s.Servers.Single(v => v.Id == agent.Id).Pid != agent.Pid && s.Executor(kernel) is { Pid: > 0 } executor && Processes.Mark(executor.Pid) is not null,
                s_limit);
            Assert.Equal("(True, [1, 2], 7999998000000.0, True, 2000000)", (await session.ExecuteAsync(Look, s_limit)).Result);
            Assert.Equal($"server {first} is empty", LastLine((await platform.RunAsync("drain", first)).Checked().Stdout));
            Assert.Equal("(True, [1, 2], 7999998000000.0, True, 2000000)", (await session.ExecuteAsync(Look, s_limit)).Result);
            Assert.NotEqual(first, Assert.Single((await platform.StatusAsync()).Kernel(kernel).Replicas).Server);
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }

    private static Task<NotebookPlatform> UpAsync(string regime) => NotebookPlatform.UpAsync(agents: 2, more: ["--regime", regime]);

    private static async Task<(string Kernel, KernelSession Session, string Server)> OpenAsync(NotebookPlatform platform)
    {
        await platform.ClusterAsync("two servers are up", s => s.Servers.Count(v => v.State == "up") == 2, s_limit);
        var kernel = await platform.Api.StartKernelAsync();
        var session = await platform.Api.ConnectAsync(kernel);
        Assert.Equal("ok", (await session.ExecuteAsync(Make, s_limit)).Status);
        return (kernel, session, (await platform.StatusAsync()).Kernel(kernel).Replicas.Single().Server);
    }

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
}
