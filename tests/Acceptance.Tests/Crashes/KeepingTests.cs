using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>However a kernel's state is kept, what was acknowledged outlives the executor's server.</summary>
public class KeepingTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int Kills = 5;
    private static readonly TimeSpan s_failover = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("hot")]
    [InlineData("warm")]
    [InlineData("cold")]
    public async Task A_standby_of_each_mode_takes_over_with_all_variables(string mode)
    {
        var kernel = await StartKernelAsync(new JsonObject { ["standby"] = mode });
        var session = await ConnectAsync(kernel);
        await session.ExecuteAsync("import numpy as np; kept = [1]; same = kept; a = np.arange(200_000.)");
        for (var n = 0; n < 3; n++) await session.ExecuteAsync($"same.append({n}); a[{n}] = -1.0");
        var status = await Platform.StatusAsync($"two {mode} standbys", s => Standbys(s, kernel, mode).Count == 2 && s.Kernel(kernel).StateSafe);
        Assert.All(Standbys(status, kernel, mode), standby => Assert.Equal(mode == "cold", standby.PidIsNull));

        await KillAsync(status, kernel);
        var next = await session.ExecuteAsync("kept is same, kept, float(a.sum())", s_failover);
        Assert.Equal("(True, [1, 0, 1, 2], 19999899994.0)", next.Result);
        await session.ExecuteAsync("kept.append('on')");
        await Platform.WholeAsync();
        await Platform.StatusAsync($"two {mode} standbys again", s => Standbys(s, kernel, mode).Count == 2, s_failover + s_failover);
        Assert.Equal("[1, 0, 1, 2, 'on']", (await session.ExecuteAsync("same")).Result);
    }

    [Fact]
    public async Task A_running_kernels_standbys_can_be_made_cold_and_hot_again_while_its_executor_goes_on()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("x = 1");
        var before = await Platform.StatusAsync("two hot standbys", s => Standbys(s, kernel, "hot").Count == 2);
        foreach (var mode in (string[])["cold", "hot"])
        {
            Assert.Equal(200, (await Api.SendAsync(HttpMethod.Patch, $"api/kernels/{kernel}", $$"""{"standby":"{{mode}}"}""")).Status);
            var after = await Platform.StatusAsync($"two {mode} standbys", s => Standbys(s, kernel, mode).Count == 2);
            Assert.Equal(before.Executor(kernel)!.Pid, after.Executor(kernel)!.Pid);
        }

        Assert.Equal("1", (await session.ExecuteAsync("x")).Result);
    }

    [Fact]
    public async Task With_durability_all_large_values_outlive_a_server_that_is_lost_with_the_reply()
    {
        var kernel = await StartKernelAsync(new JsonObject { ["durability"] = "all" });
        var session = await ConnectAsync(kernel);
        await session.ExecuteAsync("import numpy as np");
        for (var kill = 1; kill <= Kills; kill++)
        {
            await Platform.WholeAsync();
            var status = await Platform.StatusAsync(
                "an executor and two standbys", s => s.Executor(kernel) is not null && Standbys(s, kernel, "hot").Count == 2, s_failover);
            Assert.Equal("all", status.Kernel(kernel).Durability);
            var made = await session.ExecuteAsync($"a = np.random.default_rng({kill}).random(600_000); float(a.sum())", s_failover);
            await KillAsync(status, kernel);
            Assert.Equal("ok", made.Status);
            Assert.Equal(made.Result, (await session.ExecuteAsync("float(a.sum())", s_failover)).Result);
        }
    }

    /// <summary>Kills the agent of the executor, at once, and waits until that is noticed: a cell that is sent to it before is lost.</summary>
    private Task<PlatformStatus> KillAsync(PlatformStatus status, string kernel)
    {
        var executor = status.Executor(kernel)!;
        Processes.KillNine(status.Servers.Single(s => s.Id == executor.Server).Pid);
        return Platform.StatusAsync("another executor", s => s.Executor(kernel) is { } other && other.Id != executor.Id);
    }

    private static List<ReplicaStatus> Standbys(PlatformStatus status, string kernel, string mode) =>
        status.Kernels.FirstOrDefault(k => k.Id == kernel) is { } found ? [.. found.Replicas.Where(r => r.Role == "standby" && r.Standby == mode)] : [];
}
