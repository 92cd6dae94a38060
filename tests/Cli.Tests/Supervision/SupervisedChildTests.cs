using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Notebook.Hosting.Processes;
using Xunit;

namespace Notebook.Cli.Tests.Supervision;

public sealed class SupervisedChildTests : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0);

    public void Dispose() => _changed.Dispose();

    private SupervisedChild Supervise(string script) =>
        new(Dummies.Child("agent", "agent-1", script), Dummies.NoLog, TimeProvider.System, () => _changed.Release());

    [Fact]
    public async Task It_is_up_when_it_says_so()
    {
        using var child = Supervise("echo warming up; echo ready http://127.0.0.1:1/; exec sleep 600");
        child.Start();
        await child.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(ChildState.Up, child.Record.State);
        await child.StopAsync();
        Assert.Equal((ChildState.Stopped, null), (child.Record.State, child.Record.Process));
    }

    [Fact]
    public async Task One_that_is_killed_is_started_again()
    {
        using var child = Supervise("echo ready here; exec sleep 600");
        child.Start();
        await child.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        var first = child.Record.Process!;

        first.Signal(Posix.ForceEnd);

        await Dummies.UntilAsync(_changed, () => child.Record is { State: ChildState.Up, Process: { } now } && now != first, "the second start");
        Assert.False(first.IsAlive);
        await child.StopAsync();
    }

    [Fact]
    public async Task One_that_fails_before_it_was_ready_is_an_answer_and_not_started_again()
    {
        using var child = Supervise("echo '   at some stack' >&2; echo 'notebook agent: no GPU' >&2; echo '   at another' >&2; exit 4");
        child.Start();
        var failure = await Assert.ThrowsAsync<UserException>(() => child.Ready.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("agent-1 ended with exit code 4: notebook agent: no GPU", failure.Message);
        Assert.Equal(4, failure.ExitCode);
        await Dummies.UntilAsync(_changed, () => child.Record.State == ChildState.Failed, "the end");
        await child.StopAsync();
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_an_answer_too()
    {
        using var child = new SupervisedChild(
            Dummies.Child("silo", "silo", "") with { Command = ["/does/not/exist"] }, Dummies.NoLog, TimeProvider.System, () => { });
        child.Start();
        var failure = await Assert.ThrowsAsync<UserException>(() => child.Ready.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("/does/not/exist", failure.Message, StringComparison.Ordinal);
        await child.StopAsync();
    }
}
