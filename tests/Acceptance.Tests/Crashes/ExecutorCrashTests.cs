using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>The process that runs a cell is gone: the client hears so, and the kernel goes on.</summary>
public class ExecutorCrashTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private static readonly TimeSpan s_errorLimit = TimeSpan.FromSeconds(15);

    [Fact]
    public Task Killing_its_agent_gives_an_error_and_the_next_cell_runs_elsewhere_with_all_variables() =>
        AfterKillingAsync((status, executor) => status.Servers.Single(s => s.Id == executor.Server).Pid);

    [Fact]
    public Task Killing_its_process_gives_an_error_and_the_next_cell_runs_with_all_variables() => AfterKillingAsync((_, executor) => executor.Pid);

    [Fact]
    public async Task A_cell_that_asks_when_its_process_dies_ends_and_an_answer_that_comes_late_is_nobodys()
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("kept = 1");
        var status = await Platform.StatusAsync("an executor", s => s.Executor(kernel) is { Pid: > 0 });
        var asking = await session.SubmitAsync("input('first? ')", allowStdin: true);
        await AskedAsync(asking);

        Processes.KillNine(status.Executor(kernel)!.Pid);
        AssertExecutorLost(await session.EndOfAsync(asking, s_errorLimit));
        await AnswerAsync("late");

        var next = await session.SubmitAsync("print(kept, input('second? '))", allowStdin: true);
        await AskedAsync(next);
        await AnswerAsync("answer");
        Assert.Equal("1 answer\n", (await session.EndOfAsync(next, TimeSpan.FromSeconds(30))).Stdout);

        Task AskedAsync(string cell) => session.WaitAsync("it asks", m => m.Type == "input_request" && m.Parent.MessageId == cell, TimeSpan.FromSeconds(30));
        Task AnswerAsync(string value) => session.SendAsync("stdin", "input_reply", new() { ["value"] = value, ["status"] = "ok" });
    }

    private async Task AfterKillingAsync(Func<PlatformStatus, ReplicaStatus, int> victim)
    {
        var (kernel, session) = await OpenAsync();
        await session.ExecuteAsync("kept = [1]; same = kept");
        var status = await Platform.StatusAsync(
            "three replicas and an executor", s => s.Executor(kernel) is not null && s.Kernel(kernel).Replicas.Count(r => r.Pid > 0) == 3);
        var running = await Ticking.StartAsync(session);
        var queued = await session.SubmitAsync("same.append(2); kept");

        Processes.KillNine(victim(status, status.Executor(kernel)!));
        var cell = await session.EndOfAsync(running, s_errorLimit);
        var goesOn = await session.EndOfAsync(queued, s_errorLimit);
        var next = await session.ExecuteAsync("kept is same, kept", TimeSpan.FromSeconds(30));

        AssertExecutorLost(cell);
        Assert.Equal("[1, 2]", goesOn.Result);   // what waited runs at the next executor
        Assert.Equal("(True, [1, 2])", next.Result);
        await Platform.WholeAsync();
        await Platform.StatusAsync(
            "three replicas with processes again",
            s => s.Kernel(kernel).Replicas.Count(r => Processes.Mark(r.Pid) is not null) == 3, TimeSpan.FromSeconds(30));
    }

    private static void AssertExecutorLost(Cell cell)
    {
        Assert.Equal("error", cell.Status);
        Assert.Equal("ExecutorLost", cell.ErrorName);
        var shown = Assert.Single(cell.Messages, m => m.Type == "error");
        Assert.Equal("ExecutorLost", shown.Text("ename"));
        Assert.NotEqual("", shown.Text("evalue"));
        Assert.NotEmpty(shown.Content["traceback"]!.AsArray());
    }
}
