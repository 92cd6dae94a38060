using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Notebook.Links.Protocol;
using Channel = Notebook.Links.Protocol.Channel;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>What clients hear when a kernel's executor, or the way to it, is lost.</summary>
public sealed class LostExecutorTests : GatewayTest
{
    [Fact]
    public async Task A_broken_agent_link_is_made_again_and_nothing_comes_twice()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"before"}""");
        await client.UntilAsync("stream", "before");
        Agent.BreakLink();
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"meanwhile"}""");
        Agent.Answer(Replica(kernel), cell);
        Assert.Equal(["stream", "status", "execute_reply", "status"], (await client.UntilIdleAsync(id)).Select(r => r.Type));
    }

    [Fact]
    public async Task A_lost_executor_is_an_error_a_reply_and_idle()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = (await BeginAsync(kernel, client)).MessageId;
        var queued = await client.ExecuteAsync();
        await kernel.SubmittedAsync();
        await kernel.SubmittedAsync();
        kernel.Change(v => v with { Executor = null, Incarnation = 2 });
        kernel.End(new CellEnding(id, 1, CellEndKind.ExecutorLost, "the server s is gone; its variables are lost"));
        kernel.End(new CellEnding(queued, 2, CellEndKind.Aborted, "a cell before it failed"));

        var lost = await client.UntilIdleAsync(id);
        Assert.Equal(["error", "execute_reply", "status"], lost.Select(r => r.Type));
        Assert.Equal("ExecutorLost", lost[0].Text("ename"));
        Assert.Equal("error", lost[1].Text("status"));
        await client.UntilAsync("status", "restarting");
        var aborted = await client.UntilIdleAsync(queued);
        Assert.Equal("aborted", aborted.Single(r => r.Type == "execute_reply").Text("status"));
    }

    [Theory]
    [InlineData(CellEndKind.ExecutorLost, 1)]
    [InlineData(CellEndKind.StateNotKept, 1)]
    [InlineData(CellEndKind.ReplyLost, 0)]   // it counts, and so do its comms
    public async Task Comms_of_a_cell_that_does_not_count_are_closed(CellEndKind kind, int closed)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var cell = await BeginAsync(kernel, client);
        Agent.Say(Replica(kernel), Channel.Iopub, "comm_open", cell, """{"data":{"comm_id":"inner"},"comm_id":"first","target_name":"t"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "comm_open", cell, """{"comm_id":"second","target_name":"t","data":{}}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "comm_open", cell, """{"comm_id":5}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "comm_close", cell, """{"comm_id":"first","data":{}}""");
        await client.UntilAsync("comm_close");

        kernel.End(new CellEnding(cell.MessageId, 1, kind, "the server s is gone"));

        var rest = await client.UntilIdleAsync(cell.MessageId);
        Assert.Equal(Enumerable.Repeat("second", closed), rest.Where(r => r.Type == "comm_close").Select(r => r.Text("comm_id")));
        Assert.Equal(["error", "execute_reply", "status"], rest.Where(r => r.Type != "comm_close").Select(r => r.Type));
    }

    [Theory]
    [InlineData("""{"success":true,"command":"attach"}""", 1)]
    [InlineData("""{"success":false,"command":"attach"}""", 0)]
    [InlineData("""{"success":true,"command":"initialize"}""", 0)]
    [InlineData("""{"success":"yes","command":"attach"}""", 0)]
    public async Task Who_debugs_is_told_once_when_the_executor_is_another_process(string attached, int told)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var cell = await BeginAsync(kernel, client);
        Agent.Say(Replica(kernel), Channel.Control, "debug_reply", cell, attached);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"up to here"}""");
        await client.UntilAsync("stream", "up to here");

        kernel.Run(Agent, process: 2);
        kernel.Run(Agent, process: 3);
        kernel.End(new CellEnding(cell.MessageId, 1, CellEndKind.ExecutorLost, "its process ended"));

        List<string> events = [];
        for (var next = await client.ReceiveAsync(); next.Type != "error"; next = await client.ReceiveAsync())
            if (next.Type == "debug_event") events.Add(next.Text("event")!);
        Assert.Equal(Enumerable.Repeat("terminated", told), events);
    }

    [Fact]
    public async Task What_an_executor_says_of_a_cell_that_was_told_to_be_lost_reaches_nobody()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var cell = await BeginAsync(kernel, client);
        kernel.End(new CellEnding(cell.MessageId, 1, CellEndKind.ExecutorLost, "the silo does not reach its server"));
        await client.UntilIdleAsync(cell.MessageId);

        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"still here"}""");
        Agent.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"of no cell"}""");

        Assert.Equal("of no cell", (await client.UntilAsync("stream")).Text("text"));
    }

    [Fact]
    public async Task A_reply_out_of_the_log_ends_a_cell_whose_executor_was_lost_and_its_client_is_told()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var cell = await BeginAsync(kernel, client);

        Agent.Recall(Replica(kernel), cell.MessageId, """{"status":"ok","execution_count":3}""");

        var rest = await client.UntilIdleAsync(cell.MessageId);
        Assert.Equal(["stream", "execute_reply", "status"], rest.Select(r => r.Type));
        Assert.Equal(("stderr", "[notebook] its server was lost\n"), (rest[0].Text("name"), rest[0].Text("text")));
        Assert.Equal("ok", rest[1].Text("status"));

        // The old executor was only cut off, and comes too late; and so does another that says the same.
        Agent.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok"}""");
        Agent.Recall(Replica(kernel), cell.MessageId, """{"status":"ok"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"of no cell"}""");
        Assert.Equal("of no cell", (await client.UntilAsync("stream")).Text("text"));
    }

    [Fact]
    public async Task A_reply_out_of_the_log_for_a_cell_that_has_its_reply_reaches_nobody()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        Agent.Answer(Replica(kernel), (await Agent.NextAsync(Kind.Stage)).Stage.Message);
        await client.UntilIdleAsync(id);
        Agent.Recall(Replica(kernel), id, """{"status":"ok"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"of no cell"}""");
        Assert.Equal("of no cell", (await client.UntilAsync("stream")).Text("text"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cell_that_has_its_reply_ends_though_its_executor_is_lost_before_it_says_idle(bool isReplaced)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var cell = await BeginAsync(kernel, client);
        Agent.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok"}""");
        await client.UntilAsync("execute_reply");
        Agent.Holds = false;
        Agent.BreakLink();
        if (isReplaced) kernel.Run(Agent, number: 1);

        Assert.Equal(["status"], (await client.UntilIdleAsync(cell.MessageId)).Select(r => r.Type));
    }

    [Fact]
    public async Task A_cell_that_has_its_reply_ends_before_the_next_executor_speaks_when_its_own_is_gone_with_its_agent()
    {
        var kernel = Gateway.Cluster.Add();
        await using var client = await Gateway.ConnectAsync(kernel);
        JupyterFrame cell;
        await using (var lost = await FakeAgent.StartAsync())
        {
            kernel.Run(lost);
            await client.ExecuteAsync();
            cell = (await lost.NextAsync(Kind.Stage)).Stage.Message;
            lost.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
            lost.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok"}""");
            await client.UntilAsync("execute_reply");
        }

        await Waiting.Until(() => Gateway.Counters[GatewayCounters.AgentLinkFailures] > 0, "the agent's loss is noticed");
        kernel.Run(Agent, number: 1);
        Agent.Say(Replica(kernel, 1), Channel.Iopub, "stream", null, """{"name":"stdout","text":"next"}""");
        var idle = await client.ReceiveAsync();
        Assert.Equal((cell.MessageId, "idle"), (idle.ParentId, idle.Text("execution_state")));
        await client.UntilAsync("stream", "next");
    }

    [Fact]
    public async Task When_an_executor_is_lost_the_kernel_is_asked_again_for_the_cells_without_a_reply()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        await Agent.NextAsync(Kind.Stage);
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
        kernel.Run(Agent, number: 1);   // without the replica that ran the cell
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
    }

    [Fact]
    public async Task A_new_executor_gets_the_cells_that_have_not_started()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        await Agent.NextAsync(Kind.Stage);
        kernel.Run(Agent, number: 1);
        var again = (await Agent.NextAsync(Kind.Stage)).Stage;
        Assert.Equal((Replica(kernel, 1), id), (again.Replica, again.Message.MessageId));
    }

    [Fact]
    public async Task An_agent_that_learns_of_the_replica_later_gets_what_waited()
    {
        Agent.Holds = false;
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Attach);
        await Agent.NextAsync(Kind.Attach);
        Agent.Holds = true;
        Assert.Equal(id, (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    /// <summary>A cell that its executor has begun.</summary>
    private async Task<JupyterFrame> BeginAsync(FakeKernel kernel, JupyterClient client)
    {
        await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        await client.UntilAsync("status", "busy");
        return cell;
    }
}
