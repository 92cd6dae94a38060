using System.Net.WebSockets;
using System.Text;
using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Channel = Notebook.Links.Protocol.Channel;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

public sealed class ChannelsTests : IAsyncLifetime
{
    private static readonly TimeSpan s_never = TimeSpan.FromDays(1);   // for clients that are slow on purpose, on a machine that may be
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    private FakeAgent Agent => _gateway.Agent;

    private static string Replica(FakeKernel kernel, int number = 0) => ReplicaId.Of(kernel.Id, number).Value;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_goes_to_the_executor_and_its_reply_comes_back(bool v1)
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel, v1);
        Assert.Equal(v1 ? V1Framing.Subprotocol : null, client.Socket.SubProtocol);
        var id = await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        var forward = (await Agent.NextAsync(Kind.Forward)).Forward;
        Assert.Equal(Replica(kernel), forward.Replica);
        Assert.Equal(id, forward.Message.MessageId);
        Agent.Answer(forward.Replica, forward.Message);
        Assert.Equal(1, kernel.Uses);   // its grain would not see this use by itself
        var all = await client.UntilIdleAsync(id);
        Assert.Equal(["status", "kernel_info_reply", "status"], all.Select(r => r.Type));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Buffers_pass_both_ways(bool v1)
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel, v1);
        await client.SendAsync(SocketChannel.Shell, "comm_msg", """{"comm_id":"c","data":{}}""", "{}", null, [1, 2], [3]);
        var forward = (await Agent.NextAsync(Kind.Forward)).Forward;
        Assert.Equal([[1, 2], [3]], forward.Message.Buffers.Select(b => b.ToByteArray()));
        Agent.Say(Replica(kernel), Channel.Iopub, "comm_msg", forward.Message, """{"comm_id":"c","data":{}}""", (byte[])[9, 9]);
        Assert.Equal(1, (await client.UntilAsync("comm_msg")).Buffers);
    }

    [Fact]
    public async Task A_cell_is_staged_at_the_agent_and_submitted_to_the_kernel()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync("""{"resource_request":{"gpus":2,"vram":16,"cpus":4000,"memory":1024}}""");
        var stage = (await Agent.NextAsync(Kind.Stage)).Stage;
        Assert.Equal(id, stage.Message.MessageId);
        Assert.Equal(new CellSubmission(id, new ResourceRequest(2, 16, 4000, 1024), StopOnError: true, Started: false), await kernel.SubmittedAsync());
        Agent.Answer(stage.Replica, stage.Message);
        Assert.Equal(["status", "execute_reply", "status"], (await client.UntilIdleAsync(id)).Select(r => r.Type));
    }

    [Fact]
    public async Task Replies_and_prompts_are_for_the_one_who_asked_outputs_for_all()
    {
        var kernel = _gateway.RunningKernel();
        await using var asker = await _gateway.ConnectAsync(kernel);
        await using var other = await _gateway.ConnectAsync(kernel, v1: false);
        await WaitForConnectionsAsync(kernel, 2);
        var id = await asker.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Stdin, "input_request", cell, """{"prompt":"name?","password":false}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"hello"}""");
        Agent.Answer(Replica(kernel), cell);
        Assert.Equal(["input_request", "stream", "status", "execute_reply", "status"], (await asker.UntilIdleAsync(id)).Select(r => r.Type));
        Assert.Equal(["stream", "status", "status"], (await other.UntilIdleAsync(id)).Select(r => r.Type));
    }

    [Fact]
    public async Task Two_sockets_with_one_session_are_two_clients()
    {
        var kernel = _gateway.RunningKernel();
        await using var abandoned = await _gateway.ConnectAsync(kernel, true, "same");
        await using var used = await _gateway.ConnectAsync(kernel, false, "same");
        var id = await used.SendAsync(SocketChannel.Shell, "kernel_info_request");
        Agent.Answer(Replica(kernel), (await Agent.NextAsync(Kind.Forward)).Forward.Message);
        Assert.Contains(await used.UntilIdleAsync(id), r => r.Type == "kernel_info_reply");
    }

    [Fact]
    public async Task Messages_wait_for_a_kernel_that_is_starting()
    {
        var kernel = _gateway.Cluster.Add();
        await using var client = await _gateway.ConnectAsync(kernel);
        var info = await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        var cell = await client.ExecuteAsync();
        await kernel.SubmittedAsync();
        kernel.Run(Agent);
        Assert.Equal(cell, (await Agent.NextAsync(Kind.Stage)).Stage.Message.MessageId);
        Assert.Equal(info, (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_comes_back_misses_nothing(bool otherStays)
    {
        var kernel = _gateway.RunningKernel();
        var client = await _gateway.ConnectAsync(kernel, session: "mine");
        await using var other = otherStays ? await _gateway.ConnectAsync(kernel) : null;
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Tick(1);
        await client.UntilAsync("stream", "tick 1");
        client.Drop();
        await WaitForConnectionsAsync(kernel, otherStays ? 1 : 0);
        for (var i = 2; i <= 20; i++) Tick(i);
        Agent.Answer(Replica(kernel), cell);
        if (other is not null) Assert.DoesNotContain(await other.UntilIdleAsync(id), r => r.Type == "execute_reply");

        await using var back = await _gateway.ConnectAsync(kernel, session: "mine");
        var all = await back.UntilIdleAsync(id);
        Assert.Equal(Enumerable.Range(2, 19).Select(i => $"tick {i}"), all.Where(r => r.Type == "stream").Select(r => r.Text("text")));
        Assert.Single(all, r => r.Type == "execute_reply");

        void Tick(int i) => Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, $$"""{"name":"stdout","text":"tick {{i}}"}""");
    }

    [Fact]
    public async Task What_a_client_has_had_does_not_come_again_when_its_connection_breaks_before_the_write_has_returned()
    {
        var kernel = _gateway.RunningKernel();
        using var connection = new HeldWebSocket();
        var served = Task.Run(() => _gateway.ServeAsync(kernel, connection, "mine"));
        await WaitForConnectionsAsync(kernel, 1);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"had"}""");
        await connection.Written.Within("the client has it");
        await Task.Run(connection.Drop);
        connection.LetWriteReturn();
        await served.Within("the connection is given up");

        await using var back = await _gateway.ConnectAsync(kernel, session: "mine");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"not had"}""");
        Assert.Equal("not had", (await back.UntilAsync("stream")).Text("text"));
    }

    [Fact]
    public async Task A_message_that_was_cut_off_comes_again()
    {
        var kernel = _gateway.RunningKernel();
        var client = await _gateway.ConnectAsync(kernel, session: "mine");
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        var text = new string('x', 24 << 20);   // more than lies between two ends of a connection
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, $$"""{"name":"stdout","text":"{{text}}"}""");
        await client.ReceivePartAsync();   // of the text, of which the rest cannot have come
        client.Drop();
        await WaitForConnectionsAsync(kernel, 0);
        Agent.Answer(Replica(kernel), cell);

        await using var back = await _gateway.ConnectAsync(kernel, session: "mine");
        var all = await back.UntilIdleAsync(id);
        Assert.Equal(["stream", "status", "execute_reply", "status"], all.Select(r => r.Type));
        Assert.True(all[0].Text("text") == text, "the text is not whole");
    }

    [Fact]
    public async Task What_nobody_has_had_is_not_acknowledged_and_a_new_gateway_gives_it()
    {
        var kernel = _gateway.RunningKernel();
        var client = await _gateway.ConnectAsync(kernel);
        await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        client.Drop();
        await WaitForConnectionsAsync(kernel, 0);
        Agent.Answer(Replica(kernel), cell);
        await _gateway.StopAsync();
        Assert.Equal(0ul, Agent.DeliveredUpTo);

        await using var second = await TestGateway.StartAsync(null, _gateway.Cluster, Agent);
        await using var back = await second.ConnectAsync(kernel, v1: true, client.Session);
        Assert.Contains(await back.UntilIdleAsync(cell.MessageId), r => r.Type == "execute_reply");
        await Agent.NextAsync(Kind.Delivered);
    }

    [Fact]
    public async Task A_broken_agent_link_is_made_again_and_nothing_comes_twice()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
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
    public async Task A_slow_client_is_sent_away_to_come_back_and_others_go_on()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { OutputLogBytes = 4 << 20, SendTimeout = s_never }, _gateway.Cluster, Agent);
        var kernel = _gateway.RunningKernel();
        await using var slow = await gateway.ConnectAsync(kernel);
        await using var quick = await gateway.ConnectAsync(kernel);
        await quick.SendAsync(SocketChannel.Shell, "kernel_info_request");
        Agent.Answer(Replica(kernel), (await Agent.NextAsync(Kind.Forward)).Forward.Message);
        var text = new string('x', 1 << 20);
        for (var i = 0; i < 60; i++)
        {
            Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, $$"""{"name":"stdout","text":"{{i}} {{text}}"}""");
            await quick.UntilAsync("stream", $"{i} x");
        }

        Assert.Equal(1012, await slow.UntilClosedAsync());
        Assert.Equal(1, gateway.Counters[GatewayCounters.SlowClients]);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"still here"}""");
        await quick.UntilAsync("stream", "still here");
    }

    [Fact]
    public async Task A_single_slow_client_holds_the_kernel_up_and_loses_nothing()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { OutputLogBytes = 2 << 20, SendTimeout = s_never }, _gateway.Cluster, Agent);
        var kernel = _gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);
        var text = new string('x', 1 << 20);
        for (var i = 0; i < 40; i++) Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, $$"""{"name":"stdout","text":"{{i}} {{text}}"}""");
        await Agent.NextAsync(Kind.Detach);
        for (var i = 0; i < 40; i++) Assert.StartsWith($"{i} x", (await client.UntilAsync("stream")).Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_executor_is_an_error_a_reply_and_idle()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        var queued = await client.ExecuteAsync();
        await kernel.SubmittedAsync();
        await kernel.SubmittedAsync();
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        await client.UntilAsync("status", "busy");
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

    [Fact]
    public async Task What_an_executor_says_of_a_cell_that_was_told_to_be_lost_reaches_nobody()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        await client.UntilAsync("status", "busy");
        kernel.End(new CellEnding(id, 1, CellEndKind.ExecutorLost, "the silo does not reach its server"));
        await client.UntilIdleAsync(id);

        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"still here"}""");
        Agent.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"of no cell"}""");

        Assert.Equal("of no cell", (await client.UntilAsync("stream")).Text("text"));
    }

    [Fact]
    public async Task A_reply_out_of_the_log_ends_a_cell_whose_executor_was_lost_and_its_client_is_told()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        await client.UntilAsync("status", "busy");

        Agent.Recall(Replica(kernel), id, """{"status":"ok","execution_count":3}""");

        var rest = await client.UntilIdleAsync(id);
        Assert.Equal(["stream", "execute_reply", "status"], rest.Select(r => r.Type));
        Assert.Equal(("stderr", "[notebook] its server was lost\n"), (rest[0].Text("name"), rest[0].Text("text")));
        Assert.Equal("ok", rest[1].Text("status"));

        // The old executor was only cut off, and comes too late; and so does another that says the same.
        Agent.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok"}""");
        Agent.Recall(Replica(kernel), id, """{"status":"ok"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"of no cell"}""");
        Assert.Equal("of no cell", (await client.UntilAsync("stream")).Text("text"));
    }

    [Fact]
    public async Task A_reply_out_of_the_log_for_a_cell_that_has_its_reply_reaches_nobody()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
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
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        Agent.Say(Replica(kernel), Channel.Shell, "execute_reply", cell, """{"status":"ok"}""");
        await client.UntilAsync("execute_reply");
        Agent.Holds = false;
        Agent.BreakLink();
        if (isReplaced) kernel.Run(Agent, number: 1);

        Assert.Equal(["status"], (await client.UntilIdleAsync(id)).Select(r => r.Type));
    }

    [Fact]
    public async Task When_an_executor_is_lost_the_kernel_is_asked_again_for_the_cells_without_a_reply()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        await Agent.NextAsync(Kind.Stage);
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
        kernel.Run(Agent, number: 1);   // without the replica that ran the cell
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
    }

    [Fact]
    public async Task A_new_executor_gets_the_cells_that_have_not_started()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
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
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Attach);
        await Agent.NextAsync(Kind.Attach);
        Agent.Holds = true;
        Assert.Equal(id, (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    [Fact]
    public async Task A_restart_that_a_user_asked_for_is_no_news()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        using var answer = await _gateway.Http.PostAsync($"/api/kernels/{kernel.Id}/restart", null);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"up again"}""");
        Assert.Equal("stream", (await client.ReceiveAsync()).Type);
        kernel.Change(v => v with { Incarnation = v.Incarnation + 1 });
        await client.UntilAsync("status", "restarting");
    }

    [Fact]
    public async Task A_cell_submitted_while_the_silo_is_down_goes_through_when_it_is_back()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);
        var before = kernel.Subscriptions;
        _gateway.Cluster.Down = true;
        var first = await client.ExecuteAsync();
        var second = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        _gateway.Cluster.Down = false;
        Assert.Equal(first, (await kernel.SubmittedAsync()).MessageId);
        Assert.Equal(second, (await kernel.SubmittedOtherThanAsync(first)).MessageId);   // the first perhaps twice: no harm is in that
        Agent.Answer(Replica(kernel), cell);
        Assert.Contains(await client.UntilIdleAsync(first), r => r.Type == "execute_reply");
        Assert.Equal(first, cell.MessageId);
        Assert.True(kernel.Subscriptions >= before);
    }

    [Fact]
    public async Task A_kernel_that_forgot_its_queue_gets_it_again_in_order()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var first = await client.ExecuteAsync();
        Assert.Null((await kernel.SubmittedAsync()).After);
        var forgotten = true;
        kernel.OnSubmit = cell =>
        {
            if (cell.MessageId == first) forgotten = false;
            return forgotten && cell.After == first ? new SubmitOutcome.TooEarly() : new SubmitOutcome.Accepted(1, 0);
        };
        var second = await client.ExecuteAsync();
        Assert.Equal((second, first), (await kernel.SubmittedAsync()) is var s ? (s.MessageId, s.After) : default);
        Assert.Equal(first, (await kernel.SubmittedAsync()).MessageId);
        Assert.Equal(second, (await kernel.SubmittedAsync()).MessageId);
    }

    [Fact]
    public async Task A_cell_whose_output_was_seen_is_submitted_again_as_started()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Assert.False((await kernel.SubmittedAsync()).Started);
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        await client.UntilAsync("status", "busy");
        _gateway.Cluster.Down = true;
        Assert.False((await _gateway.Http.GetAsync("/api/kernels")).IsSuccessStatusCode);
        _gateway.Cluster.Down = false;
        var again = await kernel.SubmittedAsync();
        Assert.Equal((id, true), (again.MessageId, again.Started));
    }

    [Fact]
    public async Task A_refused_cell_is_an_error_with_the_reason()
    {
        var kernel = _gateway.RunningKernel();
        kernel.OnSubmit = _ => new SubmitOutcome.Refused("no server has 9 GPUs");
        await using var client = await _gateway.ConnectAsync(kernel);
        var all = await client.UntilIdleAsync(await client.ExecuteAsync());
        Assert.Equal(["status", "error", "execute_reply", "status"], all.Select(r => r.Type));
        Assert.Equal("no server has 9 GPUs", all[1].Text("evalue"));
    }

    [Theory]
    [InlineData("""{"resource_request":{"gpus":-1}}""", "gpus")]
    [InlineData("""{"resource_request":{"gpus":1.5}}""", "whole")]
    [InlineData("""{"resource_request":{"tpus":1}}""", "tpus")]
    [InlineData("""{"resource_request":{"gpus":"two"}}""", "number")]
    [InlineData("""{"resource_request":[]}""", "object")]
    [InlineData("""{"resource_request":{"gpus":100000}}""", "1,024")]
    [InlineData("""{"resource_request":{"gpus":1e999}}""", "1,024")]
    [InlineData("""{"resource_request":{"gpus":true}}""", "number")]
    [InlineData("""{"resource_request":{"gpus":{"n":1}}}""", "number")]
    [InlineData("""{"resource_request":{"gpus":1,"vram":-0.5}}""", "vram")]
    [InlineData("""{"resource_request":{"gpus":1,"cpus":1e12}}""", "cpus")]
    [InlineData("""{"resource_request":{"gpus":1,"memory":-1}}""", "memory")]
    [InlineData("""{"resource_request":"2 GPUs"}""", "object")]
    [InlineData("""{"resource_request":0}""", "object")]
    public async Task A_faulty_resource_request_is_refused(string metadata, string expected)
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var all = await client.UntilIdleAsync(await client.ExecuteAsync(metadata));
        Assert.Contains(expected, all.Single(r => r.Type == "execute_reply").Text("evalue"), StringComparison.Ordinal);
        Assert.Equal(1, _gateway.Counters[GatewayCounters.RefusedMessages]);
    }

    [Theory]
    [InlineData("%%gpu 3\\nx", """{"resource_request":{"gpus":2}}""", 3)]
    [InlineData("x", """{"resource_request":{"gpus":2}}""", 2)]
    [InlineData("%gpu 3", """{"resource_request":{"gpus":2}}""", 2)]
    [InlineData("%gpu 3", "{}", 0)]
    [InlineData("x", """{"resource_request":{}}""", null)]
    [InlineData("x", """{"resource_request":null,"trusted":true}""", null)]
    [InlineData("%gpu", "{}", null)]
    public async Task What_a_cell_s_code_asks_for_counts_more_than_its_metadata(string code, string metadata, int? gpus)
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var content = $$"""{"silent":false,"code":"{{code}}","stop_on_error":false}""";
        await client.SendAsync(SocketChannel.Shell, "execute_request", content, metadata);
        var submitted = await kernel.SubmittedAsync();
        Assert.Equal((gpus is { } n ? new ResourceRequest(n) : null, false), (submitted.Resources, submitted.StopOnError));
        var staged = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Assert.Equal((content, metadata), (staged.Content.ToStringUtf8(), staged.Metadata.ToStringUtf8()));
    }

    [Fact]
    public async Task Code_that_asks_for_what_cannot_be_had_is_refused_and_the_kernel_lives()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var id = await client.SendAsync(SocketChannel.Shell, "execute_request", """{"code":"%%gpu many\nx = 1","silent":false}""");
        var all = await client.UntilIdleAsync(id);
        Assert.Equal(["status", "error", "execute_reply", "status"], all.Select(r => r.Type));
        Assert.StartsWith("%%gpu takes a number of GPUs, not 'many'", all[2].Text("evalue"), StringComparison.Ordinal);
        var next = await client.ExecuteAsync();
        Assert.Equal(next, (await kernel.SubmittedAsync()).MessageId);
    }

    [Fact]
    public async Task A_cell_that_waits_for_GPUs_says_so_again_when_the_reason_is_another_one()
    {
        await using var gateway = await TestGateway.StartAsync(
            o => o with { WaitNoticeAfter = TimeSpan.FromMilliseconds(10), WaitNoticeEvery = TimeSpan.FromMilliseconds(10) }, _gateway.Cluster, Agent);
        var kernel = _gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        await kernel.SubmittedAsync();
        kernel.Change(v => v with { Cells = [new CellView(id, 1, false, "2 GPUs, 0 are free", null)] });
        var notice = await client.UntilAsync("stream");
        Assert.Equal((id, "stderr", "[waiting for 2 GPUs, 0 are free]\n"), (notice.ParentId, notice.Text("name"), notice.Text("text")));
        kernel.Change(v => v with { Cells = [new CellView(id, 1, false, "2 GPUs, 1 is free", null)] });
        Assert.Equal("[waiting for 2 GPUs, 1 is free]\n", (await client.UntilAsync("stream")).Text("text"));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", false)]
    public async Task Users_and_operators_can_have_no_such_words(string variable, bool gatewaySays)
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { WaitNotices = gatewaySays, WaitNoticeAfter = TimeSpan.Zero }, _gateway.Cluster, Agent);
        var environment = ImmutableDictionary<string, string>.Empty.Add("NOTEBOOK_WAIT_NOTICES", variable);
        var kernel = _gateway.Cluster.Add(new KernelRequest(null, "", "default", environment, null, null));
        kernel.Run(Agent);
        await using var client = await gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        await kernel.SubmittedAsync();
        kernel.Change(v => v with { Cells = [new CellView(id, 1, false, "2 GPUs, 0 are free", null)] });
        Agent.Answer(Replica(kernel), cell);
        Assert.Equal(["status", "execute_reply", "status"], (await client.UntilIdleAsync(id)).Select(r => r.Type));
    }

    [Fact]
    public async Task Interrupts_and_shutdowns_are_the_kernels_grain_s_business()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var interrupt = await client.SendAsync(SocketChannel.Control, "interrupt_request");
        Assert.Equal("ok", (await client.UntilIdleAsync(interrupt)).Single(r => r.Type == "interrupt_reply").Text("status"));
        Assert.Equal(1, kernel.Interrupts);
        var restart = await client.SendAsync(SocketChannel.Control, "shutdown_request", """{"restart":true}""");
        Assert.Equal("True", (await client.UntilIdleAsync(restart)).Single(r => r.Type == "shutdown_reply").Text("restart"));
        Assert.Equal(2, kernel.Now!.Incarnation);
        await client.SendAsync(SocketChannel.Control, "shutdown_request", """{"restart":false}""");
        await client.UntilAsync("shutdown_reply");
        await client.UntilAsync("status", "dead");
        Assert.Equal(1000, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task A_deleted_kernel_is_final_for_its_clients()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        await _gateway.Http.DeleteAsync($"/api/kernels/{kernel.Id}");
        await client.UntilAsync("status", "dead");
        Assert.Equal(1000, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task A_gateway_that_stops_sends_clients_away_to_come_back()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        var stopping = _gateway.StopAsync();
        Assert.Equal(1012, await client.UntilClosedAsync());
        await stopping;
    }

    [Fact]
    public async Task Connections_are_counted()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel);
        Assert.Contains("\"connections\":1", await _gateway.Http.GetStringAsync($"/api/kernels/{kernel.Id}"), StringComparison.Ordinal);
        client.Drop();
        await WaitForConnectionsAsync(kernel, 0);
        Assert.Contains("\"connections\":0", await _gateway.Http.GetStringAsync($"/api/kernels/{kernel.Id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_kernel_or_a_wrong_token_gets_no_WebSocket()
    {
        var unknown = await Assert.ThrowsAsync<WebSocketException>(
            () => JupyterClient.ConnectAsync(_gateway.Http.BaseAddress!, "111-111-111-111-111", true, "s"));
        Assert.Contains("404", unknown.Message, StringComparison.Ordinal);
        using var socket = new ClientWebSocket();
        var kernel = _gateway.RunningKernel();
        var address = new UriBuilder(_gateway.Http.BaseAddress!) { Scheme = "ws", Path = $"/api/kernels/{kernel.Id}/channels" }.Uri;
        var noToken = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, default));
        Assert.Contains("401", noToken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_silo_is_down_a_known_kernel_takes_new_clients_and_an_unknown_one_is_503()
    {
        var kernel = _gateway.RunningKernel();
        await using var first = await _gateway.ConnectAsync(kernel);
        var unseen = _gateway.RunningKernel();
        _gateway.Cluster.Down = true;
        await using var second = await _gateway.ConnectAsync(kernel);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => _gateway.ConnectAsync(unseen));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, WebSocketMessageType.Binary, "garbage")]
    [InlineData(false, WebSocketMessageType.Text, "{")]
    [InlineData(false, WebSocketMessageType.Text, "{\"header\":{}}")]
    [InlineData(false, WebSocketMessageType.Text, "{\"header\":{\"msg_id\":\"1\",\"msg_type\":\"x\"},\"channel\":\"iopub\"}")]
    [InlineData(false, WebSocketMessageType.Binary, "garbage!")]
    public async Task A_malformed_message_ends_its_own_socket_alone(bool v1, WebSocketMessageType type, string bytes)
    {
        var kernel = _gateway.RunningKernel();
        await using var bad = await _gateway.ConnectAsync(kernel, v1);
        await using var good = await _gateway.ConnectAsync(kernel, v1);
        await bad.SendRawAsync(Encoding.UTF8.GetBytes(bytes), type);
        Assert.Equal((int)WebSocketCloseStatus.InvalidPayloadData, await bad.UntilClosedAsync());
        Assert.NotEqual("", bad.Socket.CloseStatusDescription);
        Assert.Equal(1, _gateway.Counters[GatewayCounters.MalformedMessages]);
        var id = await good.SendAsync(SocketChannel.Shell, "kernel_info_request");
        Agent.Answer(Replica(kernel), (await Agent.NextAsync(Kind.Forward)).Forward.Message);
        await good.UntilIdleAsync(id);
    }

    [Fact]
    public async Task An_oversized_message_ends_its_own_socket_alone()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxMessageBytes = 100_000 }, _gateway.Cluster, Agent);
        var kernel = _gateway.RunningKernel();
        await using var bad = await gateway.ConnectAsync(kernel);
        await using var good = await gateway.ConnectAsync(kernel);
        await bad.SendRawAsync(new byte[3_000_000], WebSocketMessageType.Binary);
        Assert.Equal((int)WebSocketCloseStatus.MessageTooBig, await bad.UntilClosedAsync());
        Assert.Equal(1, gateway.Counters[GatewayCounters.OversizedMessages]);
        var id = await good.SendAsync(SocketChannel.Shell, "kernel_info_request");
        Agent.Answer(Replica(kernel), (await Agent.NextAsync(Kind.Forward)).Forward.Message);
        await good.UntilIdleAsync(id);
    }

    [Fact]
    public async Task Long_streams_are_sent_in_pieces_to_clients_of_the_default_form()
    {
        var kernel = _gateway.RunningKernel();
        await using var client = await _gateway.ConnectAsync(kernel, v1: false);
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);
        var text = string.Concat(Enumerable.Repeat("0123456789🍌", 1_000_000));
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, $$"""{"name":"stdout","text":"{{text}}"}""");
        var whole = new StringBuilder();
        while (whole.Length < text.Length)
        {
            var (frame, _) = await client.ReceiveRawAsync();
            Assert.True(frame.Length < 9 << 20);
            Assert.True(LegacyFraming.TryReadText(frame, out var message, out _));
            if (System.Text.Json.JsonDocument.Parse(message.Content).RootElement.TryGetProperty("text", out var piece)) whole.Append(piece.GetString());
        }

        Assert.True(text == whole.ToString(), "the pieces are not the text");
    }

    private Task WaitForConnectionsAsync(FakeKernel kernel, int count) =>
        Waiting.Until(() => _gateway.ConnectionsOf(kernel) == count, $"{count} connections");
}
