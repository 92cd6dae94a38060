using System.Diagnostics;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

[Collection(AgentCollection.Name)]
public sealed class ReplicaLifeTests(RunningAgent agent)
{
    [Fact]
    public async Task A_killed_process_is_noticed()
    {
        var replica = agent.NewReplica();
        agent.Silo.Order(new() { Start = agent.StartOrder(replica, 1) });
        var ready = await agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaReady);
        await using var gateway = await FakeGateway.DialAsync(agent.DataAddress, agent.Key);
        await gateway.AttachAsync(replica);
        var cell = gateway.Stage(replica, "print('on'); import time; time.sleep(100)");
        agent.Run(replica, cell, 1);
        await gateway.NextAsync(cell, "stream", "on");

        using (var process = Process.GetProcessById(ready.ProcessId)) process.Kill();
        var lost = await agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaLost);
        Assert.Equal((cell, ExecutionPhase.ExecutionProcessLost), (lost.LastExecution.MessageId, lost.LastExecution.Phase));
        Assert.Contains("signal 9", lost.LastExecution.Reason);

        agent.Run(replica, "later", 2);
        await agent.Silo.ExecutionAsync(replica, "later", ExecutionPhase.ExecutionNotNow);
    }

    [Fact]
    public async Task A_process_that_ends_itself_is_lost_with_its_exit_code_and_its_last_words()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "import os, sys; print('farewell'); sys.stdout.flush(); import time; time.sleep(0.2); os._exit(3)");
        agent.Run(replica, cell, 1);
        Assert.Contains("exit code 3", (await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionProcessLost)).Reason);
        await gateway.NextAsync(cell, "stream", "farewell");
    }

    [Fact]
    public async Task A_lost_replica_starts_again()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "import os; os._exit(1)");
        agent.Run(replica, cell, 1);
        await agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaLost);
        agent.Silo.Order(new() { Start = agent.StartOrder(replica, 1) });
        await agent.Silo.Reports.NextAsync("it is ready after the loss", r => r.Replica == replica
            && r.Phase == ReplicaPhase.ReplicaReady && r.LastExecution?.Phase == ExecutionPhase.ExecutionProcessLost);
        var next = gateway.Stage(replica, "print('back')");
        agent.Run(replica, next, 2);
        await gateway.NextAsync(next, "stream", "back");
    }

    [Fact]
    public async Task A_restart_is_a_fresh_process_and_outputs_go_on()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "x = 1; print('set')");
        agent.Run(replica, cell, 1);
        var before = await gateway.NextAsync(cell, "status", "idle");
        var waiting = gateway.Stage(replica, "print('never')");

        agent.Silo.Order(new() { Start = agent.StartOrder(replica, 2) });
        var ready = await agent.Silo.Reports.NextAsync(
            "incarnation 2", r => r.Replica == replica && r.Incarnation == 2 && r.Phase == ReplicaPhase.ReplicaReady);
        Assert.NotEqual(0, ready.ProcessId);
        var next = gateway.Stage(replica, "print('x' in globals())");
        agent.Run(replica, next, 2);
        var after = await gateway.NextAsync(next, "stream", "False");
        Assert.True(after.Number > before.Number);
        Assert.DoesNotContain(gateway.Outputs.Unasked, o => o.Message.ParentId == waiting);
    }

    [Fact]
    public async Task A_restart_ends_the_running_cell()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "print('on')\nwhile True: pass");
        agent.Run(replica, cell, 1);
        await gateway.NextAsync(cell, "stream", "on");
        agent.Silo.Order(new() { Start = agent.StartOrder(replica, 2) });
        Assert.Contains("restarted", (await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionProcessLost)).Reason);
    }

    [Fact]
    public async Task A_stopped_replica_leaves_no_process()
    {
        var replica = agent.NewReplica();
        agent.Silo.Order(new() { Start = agent.StartOrder(replica, 1) });
        var ready = await agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaReady);
        using var process = Process.GetProcessById(ready.ProcessId);
        agent.Silo.Order(new() { Stop = new() { Replica = replica } });
        await agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaStopped);
        await process.WaitForExitAsync().Within("the process ends");
    }

    [Fact]
    public async Task What_comes_while_the_process_starts_is_answered_when_it_is_there()
    {
        var replica = agent.NewReplica();
        await using var gateway = await FakeGateway.DialAsync(agent.DataAddress, agent.Key);
        agent.Silo.Order(new() { Start = agent.StartOrder(replica, 1) });
        await agent.Silo.ReplicaAsync(replica, ReplicaPhase.ReplicaStarting);
        await gateway.AttachAsync(replica);
        var asked = gateway.Forward(replica, Channel.Shell, "kernel_info_request", new { });
        await gateway.NextAsync(asked, "kernel_info_reply");
        await gateway.NextAsync(asked, "status", "idle");
    }

    [Fact]
    public async Task Outputs_wait_for_a_gateway_that_comes_back()
    {
        var (replica, first) = await agent.StartReplicaAsync();
        var cell = first.Stage(replica, "for i in range(5):\n    print(f'line {i}', flush=True)\nimport time; time.sleep(0.5)\nprint('end')");
        agent.Run(replica, cell, 1);
        var seen = await first.NextAsync(cell, "stream", "line 0");
        await first.DisposeAsync();
        await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);

        await using var second = await FakeGateway.DialAsync(agent.DataAddress, agent.Key, "second");
        var attached = await second.AttachAsync(replica, after: seen.Number);
        Assert.Equal((seen.Number + 1, 0ul), (attached.Next, attached.Dropped));
        await second.NextAsync(cell, "stream", "end");
        var reply = await second.ReplyAsync(cell);
        var last = await second.NextAsync(cell, "status", "idle");
        Assert.True(reply.Number < last.Number);

        second.Send(new() { Delivered = new() { Replica = replica, Number = last.Number } });
        await using var third = await FakeGateway.DialAsync(agent.DataAddress, agent.Key, "third");
        await second.AttachAsync(replica, after: last.Number);   // an answer that follows the delivery
        Assert.Equal(last.Number + 1, (await third.AttachAsync(replica)).Next);
    }

    [Fact]
    public async Task An_unknown_kernelspec_is_named()
    {
        var order = agent.StartOrder(agent.NewReplica(), 1);
        order.SpecName = "cobol";
        agent.Silo.Order(new() { Start = order });
        Assert.Contains("'cobol'", (await agent.Silo.ReplicaAsync(order.Replica, ReplicaPhase.ReplicaLost)).Reason);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_does_not_stop_a_kernel()
    {
        var order = agent.StartOrder(agent.NewReplica(), 1);
        order.WorkingDirectory = "/nowhere/at/all";
        agent.Silo.Order(new() { Start = order });
        await agent.Silo.ReplicaAsync(order.Replica, ReplicaPhase.ReplicaReady);
    }

    [Fact]
    public async Task A_replica_that_is_not_here_is_said_to_be_so()
    {
        await using var gateway = await FakeGateway.DialAsync(agent.DataAddress, agent.Key);
        gateway.Send(new() { Attach = new() { Replica = "nobody/1" } });
        await gateway.Refusals.NextAsync("not here", r => r.Replica == "nobody/1");
        agent.Run("nobody/1", "m", 1);
        await agent.Silo.ExecutionAsync("nobody/1", "m", ExecutionPhase.ExecutionRefused);
    }
}
