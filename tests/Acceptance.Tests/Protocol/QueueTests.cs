using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Protocol;

public class QueueTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task An_error_aborts_the_cells_behind_it()
    {
        var (_, session) = await OpenAsync();

        var failing = await session.SubmitAsync("import time; time.sleep(0.5); 1/0");
        var second = await session.SubmitAsync("print('second')");
        var third = await session.SubmitAsync("print('third')");

        Assert.Equal("ZeroDivisionError", (await session.EndOfAsync(failing)).ErrorName);
        var aborted = await session.EndOfAsync(second);
        Assert.Equal("aborted", aborted.Status);
        Assert.Equal("aborted", (await session.EndOfAsync(third)).Status);
        Assert.Equal("", aborted.Stdout);
        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);
    }

    [Fact]
    public async Task An_error_without_stop_on_error_does_not()
    {
        var (_, session) = await OpenAsync();

        var failing = await session.SubmitAsync("import time; time.sleep(0.5); 1/0", stopOnError: false);
        var second = await session.SubmitAsync("print('second')");

        Assert.Equal("error", (await session.EndOfAsync(failing)).Status);
        Assert.Equal("second\n", (await session.EndOfAsync(second)).Stdout);
    }

    [Fact]
    public async Task Many_cells_run_in_the_order_of_their_submission()
    {
        var (_, session) = await OpenAsync();
        await session.ExecuteAsync("seen = []");

        for (var i = 0; i < 50; i++) await session.SubmitAsync($"seen.append({i})");
        var last = await session.ExecuteAsync("seen == list(range(50))", TimeSpan.FromSeconds(30));

        Assert.Equal("True", last.Result);
    }
}
