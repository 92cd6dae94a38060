using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Resources;

/// <summary>The GPUs that cells get, as the notebook says.</summary>
public class GpuMagicTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const string Count = "import os; devices = os.environ['CUDA_VISIBLE_DEVICES']; len(devices.split(',')) if devices != '-1' else 0";

    [Fact]
    public async Task Code_counts_more_than_metadata_that_more_than_what_is_set_and_that_more_than_the_kernel_s_spec()
    {
        var kernel = await StartKernelAsync(new JsonObject { ["env"] = new JsonObject { ["KERNEL_GPUS"] = "1" } });
        var session = await ConnectAsync(kernel);
        var two = new JsonObject { ["resource_request"] = new JsonObject { ["gpus"] = 2 } };

        Assert.Equal(1, await GpusAsync(session, Count));
        await DoneAsync(session, "%gpu 3");
        Assert.Equal(3, await GpusAsync(session, Count));
        Assert.Equal(2, await GpusAsync(session, Count, two));
        Assert.Equal(4, await GpusAsync(session, "%%gpu 4\nimport asyncio; await asyncio.sleep(0)\n" + Count, two));
        Assert.Equal(0, await GpusAsync(session, "%%gpu 0\n" + Count));
        Assert.Contains("get 3 GPUs", (await DoneAsync(session, "%gpu")).Stdout, StringComparison.Ordinal);
        await DoneAsync(session, "%gpu default");
        Assert.Equal(1, await GpusAsync(session, Count));
    }

    [Fact]
    public async Task What_is_set_outlives_the_executor_and_not_a_restart()
    {
        var (kernel, session) = await OpenAsync();
        await DoneAsync(session, "%gpu 3");
        var status = await Platform.StatusAsync("three replicas", s => s.Kernel(kernel).Replicas.Count(r => r.Pid > 0) == 3 && s.Kernel(kernel).StateSafe);
        Processes.KillNine(status.Executor(kernel)!.Pid);
        await Platform.StatusAsync("another executor", s => s.Executor(kernel) is { } now && now.Id != status.Executor(kernel)!.Id);
        Assert.Equal(3, await GpusAsync(session, Count));
        Assert.Contains("get 3 GPUs", (await DoneAsync(session, "%gpu")).Stdout, StringComparison.Ordinal);

        await Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/restart", "{}");
        Assert.Equal(1, await GpusAsync(session, Count));
    }

    [Fact]
    public async Task Who_has_set_more_than_there_is_can_set_less()
    {
        var (_, session) = await OpenAsync();
        await DoneAsync(session, "%gpu 100");
        Assert.Equal("CellRefused", (await session.ExecuteAsync("1")).ErrorName);
        Assert.Equal("CellRefused", (await session.ExecuteAsync("%%gpu many\n1")).ErrorName);
        await DoneAsync(session, "%gpu 1");
        Assert.Equal(1, await GpusAsync(session, Count));
    }

    private static async Task<int> GpusAsync(KernelSession session, string code, JsonObject? metadata = null)
    {
        var cell = await session.EndOfAsync(await session.SubmitAsync(code, metadata: metadata?.DeepClone().AsObject()));
        Assert.True(cell.Status == "ok", cell.ToString());
        return int.Parse(cell.Result!, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<Cell> DoneAsync(KernelSession session, string code)
    {
        var cell = await session.ExecuteAsync(code);
        Assert.True(cell.Status == "ok", cell.ToString());
        return cell;
    }
}
