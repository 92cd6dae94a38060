using Notebook.Grains.Kernels;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>The life of kernels and cells over the four grains together.</summary>
public sealed class KernelScenarios
{
    [Fact]
    public async Task A_kernel_has_three_replicas_on_three_servers()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var view = (await (await cluster.StartKernelAsync()).View())!;
        Assert.Equal(["a", "b", "c"], view.Replicas.Select(r => r.Server.Value).Order());
        Assert.All(view.Replicas, r => Assert.True(r.ProcessId > 0));
        Assert.NotNull(view.ExecutorView);
        Assert.Equal("hot", view.Standbys);
        Assert.True(view.StateSafe);
    }

    [Fact]
    public async Task Cells_run_one_after_the_other_at_the_executor()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), await kernel.Submit(Cell("m1")));
        Assert.Equal(new SubmitOutcome.Accepted(2, 1), await kernel.Submit(Cell("m2")));

        var (server, first) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal((1, "m1"), (first.Order.Execution, first.Order.MessageId));
        Assert.True(cluster.Agents.NoRunIsOrdered);
        cluster.Agents[server].Finish(first);

        var (again, second) = await cluster.Agents.NextRunAsync("m2");
        Assert.Equal(server, again);
        cluster.Agents[again].Finish(second);
        var view = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "the kernel is idle");
        Assert.Equal(first.Replica, view.Executor);
        Assert.True(view.StateSafe);
    }

    [Fact]
    public async Task A_submission_that_is_repeated_runs_once_and_hears_of_its_end()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await kernel.Submit(Cell("m1"));
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), await kernel.Submit(Cell("m1")));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[server].Finish(run);
        await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "the kernel is idle");
        var ended = Assert.IsType<SubmitOutcome.Ended>(await kernel.Submit(Cell("m1")));
        Assert.Equal(CellEndKind.Completed, ended.Ending.Kind);
        Assert.True(cluster.Agents.NoRunIsOrdered);
    }

    [Fact]
    public async Task When_its_state_cannot_be_stored_the_kernel_says_that_it_begins_anew_and_what_waited_runs_when_it_is_submitted_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        await kernel.Submit(Cell("m2"));
        var (server, first) = await cluster.Agents.NextRunAsync("m1");
        cluster.Writes.FailNext(kernel);
        cluster.Agents[server].Finish(first);   // m2 would be next, and cannot be noted

        Assert.Equal((await kernel.View())!.Kernel, await watcher.BeginsAnewAsync("its write failed"));
        Assert.True(cluster.Agents.NoRunIsOrdered);
        await kernel.Submit(Cell("m2"));
        var (again, second) = await cluster.Agents.NextRunAsync("m2");
        Assert.Equal("m2", second.Order.MessageId);
        cluster.Agents[again].Finish(second);
        await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "both have ended");
        Assert.Equal(CellEndKind.Completed, Assert.IsType<SubmitOutcome.Ended>(await kernel.Submit(Cell("m1"))).Ending.Kind);
    }

    [Fact]
    public async Task A_failed_cell_aborts_those_behind_it()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        await kernel.Submit(Cell("m2"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[server].Finish(run, ExecutionPhase.Failed);
        var aborted = await watcher.NextEndingAsync("m2");
        Assert.Equal(("m2", CellEndKind.Aborted), (aborted.MessageId, aborted.Kind));
        Assert.True(cluster.Agents.NoRunIsOrdered);
    }

    [Fact]
    public async Task When_the_executors_process_dies_the_cell_ends_with_a_reason_and_another_replica_goes_on()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        await kernel.Submit(Cell("m2"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        var before = (await kernel.View())!;
        cluster.Agents[server].Kill(run.Replica);

        var lost = await watcher.NextEndingAsync("m1");
        Assert.Equal(("m1", CellEndKind.ExecutorLost), (lost.MessageId, lost.Kind));
        Assert.Contains("(killed) while this cell ran", lost.Reason, StringComparison.Ordinal);
        Assert.Contains("as the last finished cell left them", lost.Reason, StringComparison.Ordinal);

        var (other, next) = await cluster.Agents.NextRunAsync("m2");   // what waited goes on elsewhere
        Assert.NotEqual(server, other);
        Assert.True(next.Order.Epoch > run.Order.Epoch);
        var after = await GrainCluster.UntilAsync(kernel, v => v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "the lost one is back");
        Assert.Equal(next.Replica, after.Executor);
        Assert.Equal((before.Incarnation, before.Session), (after.Incarnation, after.Session));
        Assert.IsType<SubmitOutcome.Ended>(await kernel.Submit(Cell("m1")));
    }

    [Fact]
    public async Task A_cell_whose_changes_cannot_be_kept_says_so_and_its_kernel_goes_on_however_often_that_happens()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        for (var i = 0; i < 20; i++)   // more often than crashes are forgiven
        {
            await kernel.Submit(Cell($"m{i}"));
            var (server, run) = await cluster.Agents.NextRunAsync($"m{i}");
            cluster.Agents[server].NotKept(run, "there is no room: make some");
            var ending = await watcher.NextEndingAsync($"m{i}");
            Assert.Equal(CellEndKind.StateNotKept, ending.Kind);
            Assert.Contains("could not be kept: there is no room: make some. The kernel's variables are as the last finished cell left them", ending.Reason, StringComparison.Ordinal);
            await GrainCluster.UntilAsync(kernel, v => v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "all are up");
        }
    }

    [Fact]
    public async Task When_the_executors_agent_starts_again_the_cell_is_lost_at_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        await cluster.Agents.ConnectAsync(server, bootId: "boot-2");
        Assert.Equal(CellEndKind.ExecutorLost, (await watcher.NextEndingAsync("m1")).Kind);
        await GrainCluster.UntilAsync(kernel, v => v.Replicas.All(r => r.Phase == ReplicaPhase.Ready) && v.Executor != run.Replica, "the replica is started again");
    }

    [Fact]
    public async Task When_a_standbys_process_dies_it_is_started_again_and_nobody_notices()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var view = (await kernel.View())!;
        var standby = view.Replicas.First(r => r.Id != view.Executor);
        cluster.Agents[standby.Server.Value].Kill(standby.Id);
        var after = await GrainCluster.UntilAsync(kernel,
            v => v.Replicas.Single(r => r.Id == standby.Id) is { Phase: ReplicaPhase.Ready } r && r.ProcessId != standby.ProcessId, "it is back");
        Assert.Equal((1, view.Executor), (after.Incarnation, after.Executor));
    }

    [Fact]
    public async Task A_broken_connection_that_comes_back_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        await cluster.Agents.DisconnectAsync(server);
        await cluster.Agents.ConnectAsync(server);
        cluster.Agents[server].Finish(run);
        var view = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle, "the cell completed");
        Assert.Equal(1, view.Incarnation);
    }

    [Fact]
    public async Task A_cell_whose_executor_is_not_connected_runs_at_another_replica()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var executor = (await kernel.View())!.ExecutorView!.Server.Value;
        await cluster.Agents.DisconnectAsync(executor);
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.NotEqual(executor, server);
        Assert.Equal(1, run.Order.Execution);
    }

    [Fact]
    public async Task An_order_that_was_lost_with_the_only_connection_is_repeated_when_the_agent_is_back()
    {
        await using var cluster = await GrainCluster.StartAsync(servers: "a");
        var kernel = await cluster.StartKernelAsync();
        await cluster.Agents.DisconnectAsync("a");
        await kernel.Submit(Cell("m1"));
        Assert.True(cluster.Agents.NoRunIsOrdered);
        await cluster.Agents.ConnectAsync("a");
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        Assert.Equal(("a", 1), (server, run.Order.Execution));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cell_runs_on_over_a_restart_of_the_silo_and_is_not_run_again(bool crash)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var id = (await kernel.View())!.Kernel;
        foreach (var name in (string[])["a", "b", "c"])
        {
            // So that the next grant is covered by reserved epochs and not stored, and an ended one may still be.
            var other = new KernelId("11111111-2222-3333-4444-555555555555");
            await cluster.Agents.Grain(new ServerId(name)).Lease(other, "u", 1, new(1, 0, 0, 0));
            await cluster.Agents.Grain(new ServerId(name)).Release(other, 1);
        }

        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");

        await cluster.RestartSiloAsync(crash);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(id.Value);
        Assert.Equal(new SubmitOutcome.Accepted(1, 0), await kernel.Submit(Cell("m1") with { Started = true }));
        Assert.Equal(new SubmitOutcome.Accepted(2, 1), await kernel.Submit(Cell("m2")));
        foreach (var agent in (string[])["a", "b", "c"]) await cluster.Agents.ConnectAsync(agent);
        var view = (await kernel.View())!;
        Assert.Equal((1L, true), (view.Cells[0].Execution, view.Cells[0].Running));
        Assert.Equal(run.Order.Lease!.Devices.ToArray(), view.Cells[0].Lease!.Devices.ToArray());
        var held = (await cluster.Agents.Grain(new ServerId(server)).View())!.Gpus.Single(g => g.Lease is not null);
        Assert.Equal(run.Order.Lease.Epoch, held.Lease!.Epoch);

        cluster.Agents[server].Finish(run);
        var (_, next) = await cluster.Agents.NextRunAsync("m2");
        Assert.Equal("m2", next.Order.MessageId);
        Assert.True(next.Order.Lease!.Epoch > run.Order.Lease.Epoch);
        Assert.Equal(1, (await kernel.View())!.Incarnation);
    }

    [Fact]
    public async Task A_cell_that_ended_while_the_silo_was_away_has_ended()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel;
        await kernel.Submit(Cell("m1"));
        var (server, run) = await cluster.Agents.NextRunAsync("m1");
        cluster.Agents[server].Note(run.Replica, new ExecutionReport("m1", 1, run.Order.Epoch, ExecutionPhase.Succeeded, null));
        await cluster.RestartSiloAsync();
        await cluster.Agents.ConnectAsync(server);
        kernel = cluster.Grains.GetGrain<IKernelGrain>(id.Value);
        await GrainCluster.UntilAsync(kernel, v => v.Cells.IsEmpty, "the cell has ended");
        Assert.IsType<SubmitOutcome.Ended>(await kernel.Submit(Cell("m1") with { Started = true }));
    }

    [Fact]
    public async Task A_started_cell_that_the_kernel_does_not_know_is_lost_not_run()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var ended = Assert.IsType<SubmitOutcome.Ended>(await kernel.Submit(Cell("m1") with { Started = true }));
        Assert.Equal(CellEndKind.ExecutorLost, ended.Ending.Kind);
        Assert.True(cluster.Agents.NoRunIsOrdered);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_says_why()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        for (var i = 0; i <= CellQueue.Capacity; i++) Assert.IsType<SubmitOutcome.Accepted>(await kernel.Submit(Cell($"m{i}")));
        var refused = Assert.IsType<SubmitOutcome.Refused>(await kernel.Submit(Cell("one too many")));
        Assert.Contains("1000", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_aborts_all_and_starts_fresh_processes_in_a_new_session()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync(gpus: 1);
        var watcher = await cluster.WatchAsync(kernel);
        await kernel.Submit(Cell("m1"));
        await cluster.Agents.NextRunAsync("m1");
        var before = (await kernel.View())!;
        var restarted = (await kernel.Restart())!;
        Assert.Equal(CellEndKind.Aborted, (await watcher.NextEndingAsync("m1")).Kind);
        Assert.NotEqual(before.Session, restarted.Session);
        var after = await GrainCluster.UntilAsync(kernel, v => v.State == KernelState.Idle && v.Replicas.All(r => r.Phase == ReplicaPhase.Ready), "it is back");
        Assert.Empty(after.Replicas.Select(r => r.ProcessId).Intersect(before.Replicas.Select(r => r.ProcessId)));
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()).Servers.All(s => s.Gpus.All(g => g.Lease is null)), "its GPU is free");
    }

    [Fact]
    public async Task A_shutdown_ends_every_process_and_the_id_is_not_used_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = await cluster.StartKernelAsync();
        var id = (await kernel.View())!.Kernel;
        Assert.True(await kernel.Shutdown());
        Assert.Null(await kernel.View());
        Assert.False(await kernel.Shutdown());
        Assert.All((string[])["a", "b", "c"], s => Assert.Empty(cluster.Agents[s].Replicas));
        await GrainCluster.UntilAsync(async () => (await cluster.Manager.View()) is { Kernels.IsEmpty: true } v && v.Servers.All(s => s.Replicas.IsEmpty), "nothing is left");
        var again = await cluster.Manager.StartKernel(new KernelRequest(id, "python3", "u", ImmutableDictionary<string, string>.Empty, null, null));
        Assert.Contains("not used again", Assert.IsType<StartKernelOutcome.Refused>(again).Reason, StringComparison.Ordinal);
    }

    internal static CellSubmission Cell(string id) => new(id, null, StopOnError: true, Started: false);
}
