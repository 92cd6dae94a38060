using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Protocol;

public class RestartTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task Gives_a_fresh_namespace_and_keeps_the_id()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("x = 1");

        var (status, model) = await Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/restart", "{}");
        var cell = await session.ExecuteAsync("'x' in globals()");

        Assert.Equal(200, status);
        Assert.Equal(kernel, model!["id"]!.GetValue<string>());
        Assert.Equal("False", cell.Result);
        Assert.Equal(1, cell.Reply.Content["execution_count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Ends_a_running_cell_and_aborts_the_queued_ones()
    {
        var (kernel, session) = await OpenAsync();
        var running = await session.SubmitAsync("print('asleep', flush=True)\nimport time; time.sleep(100)");
        var queued = await session.SubmitAsync("'never runs'");
        await session.OutputOfAsync(running, "asleep");

        var (status, _) = await Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/restart", "{}");

        Assert.Equal(200, status);
        Assert.NotEqual("ok", (await session.EndOfAsync(running)).Status);
        Assert.Equal("aborted", (await session.EndOfAsync(queued)).Status);
        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);
    }

    [Fact]
    public async Task Delete_ends_the_kernel_for_good()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("1 + 1");

        Assert.Equal(204, (await Api.DeleteKernelAsync(kernel)).Status);

        Assert.Equal(404, (await Api.SendAsync(HttpMethod.Get, $"api/kernels/{kernel}")).Status);
        var (_, all) = await Api.SendAsync(HttpMethod.Get, "api/kernels");
        Assert.DoesNotContain(all!.AsArray(), k => k!["id"]!.GetValue<string>() == kernel);
    }
}
