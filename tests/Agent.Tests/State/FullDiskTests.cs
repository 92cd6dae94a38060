using Notebook.Agent.State;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Tests.State;

/// <summary>A disk without room: the user is told, what was acknowledged stays, and all goes on when there is room.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_cell_whose_large_values_find_no_room_is_told_so_and_what_was_acknowledged_stays()
    {
        await RunAsync(
            new StateOptions
            {
                CollectPause = TimeSpan.Zero,
                ShortagePause = TimeSpan.FromSeconds(1),
                Objects = new ObjectStoreOptions { MaxDiskBytes = 500_000, MinFreeDiskBytes = 0 },
            },
            async story =>
            {
                await story.SucceedsAsync("import random; x = random.Random(1).randbytes(300_000)");
                var refused = await story.NotKeptAsync("y = random.Random(2).randbytes(300_000); x = None");
                Assert.Matches(@"the object store has no room for 300\d{3} more bytes, only for \d+", refused);
                Assert.Contains("delete large variables", refused, StringComparison.Ordinal);
                Assert.Contains("(it is for y)", refused, StringComparison.Ordinal);
                await story.FaultAsync("the object store has no room");

                await story.StartAgainAsync();
                await story.PrintsAsync("print(x == random.Random(1).randbytes(300_000), 'y' in globals())", "True False");
                await story.SucceedsAsync("del x");
                await story.NoFaultAsync();
                await story.SucceedsAsync("y = random.Random(2).randbytes(300_000)");
                await story.PrintsAsync("print(len(y), 'x' in globals())", "300000 False");
            });
    }

    [Fact]
    public async Task A_cell_whose_changes_find_no_room_in_the_log_is_told_so_and_all_goes_on_when_there_is_room()
    {
        LimitedDisk? disk = null;
        await RunAsync(
            new StateOptions { OpenLogDisk = folder => disk = new LimitedDisk(folder) },
            async story =>
            {
                await story.SucceedsAsync("x = 1");
                disk!.IsFull = true;
                Assert.Contains("the log has no room on the server's disk", await story.NotKeptAsync("x = 2"), StringComparison.Ordinal);
                await story.FaultAsync("the log has no room");
                await story.StartAgainAsync();
                Assert.Contains("the log has no room", await story.RefusedAsync("x = 3"), StringComparison.Ordinal);

                disk.IsFull = false;
                await story.NoFaultAsync();
                await story.PrintsAsync("print(x)", "2");   // it had reached the log before its cell was given up, as that was told
            });
    }

    private static async Task RunAsync(StateOptions options, Func<Story, Task> tell)
    {
        using var agent = new RunningAgent { State = options };
        await agent.InitializeAsync();
        try
        {
            var replica = agent.NewReplica();
            await using var story = new Story(agent, replica, await FakeGateway.DialAsync(agent.DataAddress, agent.Key));
            await story.StartAgainAsync();
            await tell(story);
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }

    /// <summary>One replica, and its cells one after another; each start is a later epoch, as after the loss of an executor.</summary>
    private sealed class Story(RunningAgent agent, string replica, FakeGateway gateway) : IAsyncDisposable
    {
        private readonly HashSet<int> _processes = [];
        private long _execution;
        private long _epoch;

        public async Task StartAgainAsync()
        {
            agent.Silo.Order(new() { Start = agent.StartOrder(replica, 1) });
            var ready = await agent.Silo.Reports.NextAsync("a process of its own", r => r.Phase == ReplicaPhase.ReplicaReady && !_processes.Contains(r.ProcessId));
            _processes.Add(ready.ProcessId);
            if (_epoch++ == 0) await gateway.AttachAsync(replica);
        }

        public Task<string> SucceedsAsync(string code) => EndsAsync(code, ExecutionPhase.ExecutionSucceeded);

        public Task<string> NotKeptAsync(string code) => EndsAsync(code, ExecutionPhase.ExecutionNotKept);

        public Task<string> RefusedAsync(string code) => EndsAsync(code, ExecutionPhase.ExecutionRefused);

        public async Task PrintsAsync(string code, string expected)
        {
            var cell = Give(code);
            await gateway.NextAsync(cell, "stream", expected);
            await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);
        }

        public Task<Load> FaultAsync(string fault) => agent.Silo.Heartbeats.NextAsync(
            $"a heartbeat that says: {fault}", load => load.StorageFaults.Any(known => known.Contains(fault, StringComparison.Ordinal)));

        public async Task NoFaultAsync()
        {
            while (agent.Silo.Heartbeats.Unasked.Count > 0) await agent.Silo.Heartbeats.NextAsync("an old one", _ => true);
            await agent.Silo.Heartbeats.NextAsync("a heartbeat without faults", load => load.StorageFaults.Count == 0);
        }

        public ValueTask DisposeAsync() => gateway.DisposeAsync();

        private async Task<string> EndsAsync(string code, ExecutionPhase phase) =>
            (await agent.Silo.ExecutionAsync(replica, Give(code), phase)).Reason;

        private string Give(string code)
        {
            var cell = gateway.Stage(replica, code);
            agent.Run(replica, cell, ++_execution, _epoch);
            return cell;
        }
    }
}
