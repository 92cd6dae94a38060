using System.Diagnostics;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Standbys;

/// <summary>A reclaimed kernel's replicas, with real processes, logs and links. Standbys rest long after they were used, but at once when reclaimed.</summary>
[Collection(ThreeAgentsCollection.Name)]
public sealed class ReclaimedReplicasTests(ThreeAgents agents)
{
    [Fact]
    public async Task All_processes_end_the_executors_too_and_the_next_cell_has_all_the_state()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        var before = await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, "import os; x = [1]; same = x; os.environ['COLOUR'] = 'red'");
        var processes = before.Select(report => Process.GetProcessById(report.ProcessId)).ToArray();

        three.Order(StandbyMode.StandbyHot, reclaimed: true);
        Assert.All(await three.AllAsync(StandbyMode.StandbyCold), report => Assert.Equal((0, ""), (report.ProcessId, report.Held)));
        foreach (var process in processes) await process.WaitForExitAsync().Within("a process of the kernel ends");

        Assert.Contains("[1, 2] True red 2", await three.RunAsync(1, epoch: 1, "x.append(2); print(f'{x} {x is same} {os.environ[\"COLOUR\"]} {len(In) - 1}')"), StringComparison.Ordinal);
        await three.PresentAsync(1, StandbyMode.StandbyHot);
        three.Order(StandbyMode.StandbyHot);
        foreach (var number in (int[])[2, 3]) Assert.NotEqual(0, (await three.PresentAsync(number, StandbyMode.StandbyHot)).ProcessId);
        Assert.Contains("[1, 2]", await three.RunAsync(2, epoch: 2, "print(same)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_to_the_reclaimed_executor_is_answered_with_the_state_and_its_process_stays_a_while()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, "number_of_things = 7");
        three.Order(StandbyMode.StandbyHot, reclaimed: true);
        await three.AllAsync(StandbyMode.StandbyCold);

        var gateway = await three.GatewayAsync(1);
        var asked = await three.ForwardAsync(1, Channel.Shell, "complete_request", new { code = "number_of_t", cursor_pos = 11 });
        await gateway.NextAsync(asked, "complete_reply", "number_of_things");
        var awake = await three.PresentAsync(1, StandbyMode.StandbyHot);
        three.Order(StandbyMode.StandbyHot, reclaimed: true);   // said again by a silo that has not heard of it
        var info = await three.ForwardAsync(1, Channel.Shell, "kernel_info_request", new { });
        await gateway.NextAsync(info, "kernel_info_reply");
        await three.PresentAsync(1, StandbyMode.StandbyHot, r => r.ProcessId == awake.ProcessId);   // what it says to the repeated order
        Assert.DoesNotContain(three.UnaskedOf(1), r => r.ProcessId != 0 && r.ProcessId != awake.ProcessId && r.LastExecution is null);
    }

    [Fact]
    public async Task A_message_to_a_comm_wakes_a_reclaimed_executor_that_has_the_comm_and_what_it_changed_is_kept()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(
            1, epoch: 1, "from ipykernel.comm import Comm; heard = []; comm = Comm(target_name='t', comm_id='c')\n@comm.on_msg\ndef hear(message): heard.append(message['content']['data'])");
        three.Order(StandbyMode.StandbyHot, reclaimed: true);
        await three.AllAsync(StandbyMode.StandbyCold);

        var message = await three.ForwardAsync(1, Channel.Shell, "comm_msg", new { comm_id = "c", data = "after" });
        await (await three.GatewayAsync(1)).NextAsync(message, "status", "idle");
        Assert.Contains("after", await three.RunAsync(2, epoch: 2, "print(heard)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attached_debugger_keeps_the_executors_process_until_it_is_let_go()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, "pass");   // the executor is who is kept
        await three.ForwardAsync(1, Channel.Control, "debug_request", new { seq = 1, type = "request", command = "attach" });
        await three.PresentAsync(1, StandbyMode.StandbyHot, r => r.Held == "a debugger is attached");
        await three.ForwardAsync(1, Channel.Control, "debug_request", new { seq = 2, type = "request", command = "variables" });
        await three.ForwardAsync(1, Channel.Control, "debug_request", new { seq = 3, type = "request", command = "disconnect" });
        await three.PresentAsync(1, StandbyMode.StandbyHot, r => r.Held == "");
    }

    [Fact]
    public async Task What_the_executors_process_alone_has_keeps_it_and_the_silo_hears_why()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        var before = await three.AllAsync(StandbyMode.StandbyHot);
        await three.RunAsync(1, epoch: 1, "def numbers():\n    yield 1\ngen = numbers()");
        await three.PresentAsync(1, StandbyMode.StandbyHot, r => r.Held == "it has values that cannot be copied");
        three.Order(StandbyMode.StandbyHot, reclaimed: true);
        foreach (var number in (int[])[2, 3]) await three.PresentAsync(number, StandbyMode.StandbyCold);
        await three.RunAsync(1, epoch: 1, "del gen");   // the same process, with what it alone had
        var after = await three.PresentAsync(1, StandbyMode.StandbyHot, r => r.Held == "" && r.LastExecution?.Execution == 2);
        Assert.Equal(before[0].ProcessId, after.ProcessId);
    }

    [Fact]
    public async Task A_cell_that_runs_is_not_cut_off_by_a_reclaim_that_comes_late()
    {
        await using var three = new ThreeReplicas(agents);
        three.Order(StandbyMode.StandbyHot);
        var before = await three.AllAsync(StandbyMode.StandbyHot);
        var gateway = await three.GatewayAsync(1);
        var running = three.RunAsync(1, epoch: 1, "kept = input()");
        await gateway.Outputs.NextAsync("the cell asks", o => o.Message.MessageType == "input_request");
        three.Order(StandbyMode.StandbyHot, reclaimed: true);
        foreach (var number in (int[])[2, 3]) await three.PresentAsync(number, StandbyMode.StandbyCold);
        await three.ForwardAsync(1, Channel.Stdin, "input_reply", new { value = "given", status = "ok" });
        await running;
        Assert.Contains("given", await three.RunAsync(1, epoch: 1, "print(kept)"), StringComparison.Ordinal);
        Assert.DoesNotContain(three.UnaskedOf(1), r => r.ProcessId != before[0].ProcessId && r.Phase == ReplicaPhase.ReplicaReady);
    }
}
