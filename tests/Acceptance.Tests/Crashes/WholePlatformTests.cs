using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>A platform of its own, since it is brought down.</summary>
[Collection(Platform.ClusterGroup.Name)]
public class WholePlatformTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_second_up_goes_on_where_the_first_ended_and_down_leaves_no_process()
    {
        using var data = new TemporaryDirectory();
        string kernel;
        IReadOnlyList<ProcessMark> processes;
        await using (var first = await NotebookPlatform.UpAsync(data.Path))
        {
            kernel = await first.Api.StartKernelAsync();
            await using var session = await first.Api.ConnectAsync(kernel);
            Assert.Equal("2", (await session.ExecuteAsync("x = 1; x + 1")).Result);
            processes = await AllProcessesAsync(first);
            (await first.DownAsync()).Checked();
            await AssertGoneAsync(processes);
        }

        await using var second = await NotebookPlatform.UpAsync(data.Path);
        try
        {
            Assert.Equal(200, (await second.Api.SendAsync(HttpMethod.Get, $"api/kernels/{kernel}")).Status);
            await using var session = await second.Api.ConnectAsync(kernel);
            // Its processes ended with the first platform; its state is in the agents' logs.
            Assert.Equal("2", (await session.ExecuteAsync("x + 1", TimeSpan.FromSeconds(30))).Result);
        }
        finally
        {
            output.WriteLine(second.LogTails());
        }
    }

    [Fact]
    public async Task Down_cleans_up_after_a_supervisor_that_was_killed()
    {
        await using var platform = await NotebookPlatform.UpAsync();
        var kernel = await platform.Api.StartKernelAsync();
        await using (var session = await platform.Api.ConnectAsync(kernel)) await session.ExecuteAsync("1 + 1");
        var processes = await AllProcessesAsync(platform);

        Processes.KillNine(await SupervisorAsync(platform));
        (await platform.DownAsync()).Checked();

        await AssertGoneAsync(processes);
    }

    private static async Task<int> SupervisorAsync(NotebookPlatform platform)
    {
        var status = await platform.StatusAsync();
        return status.Processes.FirstOrDefault(p => p.Role == "supervisor")?.Pid ?? Processes.Parent(status.Process("silo").Pid);
    }

    /// <summary>The supervisor and everything below it: platform, zygotes, kernel processes.</summary>
    private static async Task<IReadOnlyList<ProcessMark>> AllProcessesAsync(NotebookPlatform platform)
    {
        var processes = Processes.Tree(await SupervisorAsync(platform));
        var status = await platform.StatusAsync();
        Assert.All(status.Kernels.SelectMany(k => k.Replicas), r => Assert.Contains(processes, p => p.Pid == r.Pid));
        return processes;
    }

    private static Task AssertGoneAsync(IReadOnlyList<ProcessMark> processes) => Eventually.IsTrueAsync(
        $"the end of {string.Join("; ", processes.Where(p => p.IsAlive).Select(Processes.Describe))}",
        () => Task.FromResult(processes.All(p => !p.IsAlive)),
        TimeSpan.FromSeconds(10));
}
