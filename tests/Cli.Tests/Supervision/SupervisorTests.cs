using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Notebook.Hosting.Processes;
using Xunit;

namespace Notebook.Cli.Tests.Supervision;

public sealed class SupervisorTests : IDisposable
{
    private readonly TemporaryData _temporary = new();

    public void Dispose() => _temporary.Dispose();

    private Supervisor Supervise(params ChildSpec[] children) =>
        new(_temporary.Data, "http://127.0.0.1:1/", [.. children], Dummies.NoLog, TimeProvider.System);

    [Fact]
    public async Task None_is_left_behind_and_not_what_they_had_started_either()
    {
        List<ProcessIdentity> family;
        await using (var supervisor = Supervise(
            Dummies.WithChild("silo", "silo"), Dummies.WithChild("agent", "agent-1"), Dummies.WithChild("agent", "agent-2"), Dummies.WithChild("gateway", "gateway")))
        {
            await supervisor.StartAsync(CancellationToken.None);
            var record = RunRecord.Read(_temporary.Data)!;
            family = [.. record.Processes.SelectMany(p => (IEnumerable<ProcessIdentity>)[p.Process!, .. p.Process!.Descendants()])];
            Assert.Equal(8, family.Count);
            Assert.All(family, process => Assert.True(process.IsAlive));
        }

        Assert.All(family, process => Assert.False(process.IsAlive));
        Assert.All(RunRecord.Read(_temporary.Data)!.Processes, p => Assert.Equal(ChildState.Stopped, p.State));
    }

    [Fact]
    public async Task They_end_even_when_the_record_can_no_longer_be_written()
    {
        ProcessIdentity silo;
        await using (var supervisor = Supervise(Dummies.WithChild("silo", "silo")))
        {
            await supervisor.StartAsync(CancellationToken.None);
            silo = RunRecord.Read(_temporary.Data)!.Processes[0].Process!;
            Directory.Delete(_temporary.Data.Run, recursive: true);
        }

        Assert.False(silo.IsAlive);
    }

    [Fact]
    public async Task They_end_in_order_gateway_agents_silo()
    {
        var log = Path.Combine(_temporary.Data.Root, "ends");
        await using (var supervisor = Supervise(Ending("silo"), Ending("agent"), Ending("gateway")))
            await supervisor.StartAsync(CancellationToken.None);
        Assert.Equal(["gateway", "agent", "silo"], await File.ReadAllLinesAsync(log));

        ChildSpec Ending(string role) => Dummies.Child(role, role, $"trap 'echo {role} >>{log}; kill $!; exit 0' TERM; sleep 600 & echo ready here; wait");
    }

    [Fact]
    public async Task A_start_that_fails_ends_what_had_been_started()
    {
        ProcessIdentity silo;
        await using (var supervisor = Supervise(
            Dummies.WithChild("silo", "silo"), Dummies.Child("gateway", "gateway", "echo 'notebook gateway: port 1 is in use' >&2; exit 3")))
        {
            var failure = await Assert.ThrowsAsync<UserException>(() => supervisor.StartAsync(CancellationToken.None));
            Assert.Equal(ExitCodes.PortInUse, failure.ExitCode);
            silo = RunRecord.Read(_temporary.Data)!.Processes[0].Process!;
        }

        Assert.False(silo.IsAlive);
    }

    [Fact]
    public async Task Children_of_a_supervisor_that_was_killed_are_found_and_ended()
    {
        var orphan = await Dummies.StartAsync("sleep 600 & echo started; wait");
        var family = orphan.Descendants();
        var self = ProcessIdentity.Of(Environment.ProcessId)!;
        new RunRecord(self with { StartTime = 1 }, "http://127.0.0.1:1/", true,
        [
            new ChildRecord("silo", "silo", "http://127.0.0.1:2/", ChildState.Up, orphan),
            new ChildRecord("agent", "agent-1", "http://127.0.0.1:3/", ChildState.Up, self with { StartTime = 1 }),   // its number is another's now
        ]).Write(_temporary.Data);

        Assert.Equal(1, await Orphans.EndAsync(_temporary.Data, TimeProvider.System));

        Assert.False(orphan.IsAlive);
        Assert.NotEmpty(family);
        Assert.All(family, process => Assert.False(process.IsAlive));
    }

    [Fact]
    public async Task One_that_does_not_listen_is_ended_by_force()
    {
        var stubborn = await Dummies.StartAsync("trap '' TERM; echo started; while :; do sleep 1; done");
        await ProcessEnding.EndAsync(stubborn, TimeSpan.FromMilliseconds(100), TimeProvider.System);
        Assert.False(stubborn.IsAlive);
    }

    [Fact]
    public void One_process_at_a_time_supervises_a_data_directory()
    {
        using (var first = DataLock.TryTake(_temporary.Data))
        {
            Assert.NotNull(first);
            Assert.Null(DataLock.TryTake(_temporary.Data));
        }

        using var second = DataLock.TryTake(_temporary.Data);
        Assert.NotNull(second);
    }
}
