using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

public class SiloCrashTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task A_running_cell_finishes_with_all_its_output_and_the_next_one_works()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("kept = 'still here'");
        var silo = (await Platform.StatusAsync()).Process("silo");
        var running = await Ticking.StartAsync(session);

        Processes.KillNine(silo.Pid);
        var cell = await session.EndOfAsync(running, TimeSpan.FromSeconds(30));
        var next = await session.ExecuteAsync("kept", TimeSpan.FromSeconds(30));

        Assert.Equal("ok", cell.Status);
        Assert.Equal(Ticking.Output, cell.Stdout);
        Assert.Equal("'still here'", next.Result);
        var after = await Platform.WholeAsync();
        Assert.NotEqual(silo.Pid, after.Process("silo").Pid);
        Assert.Contains(after.Kernels, k => k.Id == kernel);
    }

    [Fact]
    public async Task Cells_submitted_while_it_is_away_run_when_it_is_back()
    {
        var (_, session) = await OpenAsync();
        await session.ExecuteAsync("done = []");
        var silo = (await Platform.StatusAsync()).Process("silo");

        Processes.KillNine(silo.Pid);
        var first = await session.SubmitAsync("done.append('first')");
        var second = await session.SubmitAsync("done.append('second'); done");

        Assert.Equal("ok", (await session.EndOfAsync(first, TimeSpan.FromSeconds(30))).Status);
        Assert.Equal("['first', 'second']", (await session.EndOfAsync(second, TimeSpan.FromSeconds(30))).Result);
    }
}
