using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>A platform of its own, with two servers and then a third.</summary>
[Collection(Platform.ClusterGroup.Name)]
public class JoiningServerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_server_that_comes_takes_part_and_then_another_may_go()
    {
        await using var platform = await NotebookPlatform.UpAsync(agents: 2);
        try
        {
            var kernel = await platform.Api.StartKernelAsync();
            await using var session = await platform.Api.ConnectAsync(kernel);
            await session.ExecuteAsync("kept = [1]; same = kept");
            var silo = (await platform.StatusAsync()).Process("silo").Address.Replace("http", "ws", StringComparison.Ordinal);

            using var third = Command.Start("dotnet",
            [
                Built.Assembly("Agent"), "--data", platform.Data, "--id", "agent-3", "--listen", "127.0.0.1:0", "--silo", silo,
                "--gpus", "simulated:8",
            ]);
            try
            {
                // Its replica has a process only once it is a voter of the kernel's group.
                var status = await platform.StatusAsync(
                    "a third replica that takes part", s => s.Kernel(kernel).Replicas.Count(r => r.Pid > 0) == 3, TimeSpan.FromSeconds(30));
                await session.ExecuteAsync("same.append(2)");
                var executor = status.Executor(kernel)!;
                Processes.KillNine(status.Servers.Single(s => s.Id == executor.Server).Pid);
                await platform.StatusAsync("another executor, or none", s => s.Executor(kernel)?.Id != executor.Id, TimeSpan.FromSeconds(30));
                Assert.Equal("(True, [1, 2])", (await session.ExecuteAsync("kept is same, kept", TimeSpan.FromSeconds(30))).Result);
            }
            finally
            {
                third.Kill(entireProcessTree: true);
                await third.WaitForExitAsync();
            }
        }
        finally
        {
            output.WriteLine(platform.LogTails());
        }
    }
}
