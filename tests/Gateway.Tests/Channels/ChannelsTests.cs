using System.Net;
using System.Net.WebSockets;
using System.Text;
using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Channel = Notebook.Links.Protocol.Channel;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>Messages between clients, kernel and agent, and what is none.</summary>
public sealed class ChannelsTests : GatewayTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_goes_to_the_executor_and_its_reply_comes_back(bool v1)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel, v1);
        Assert.Equal(v1 ? V1Framing.Subprotocol : null, client.Socket.SubProtocol);
        var id = await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        var forward = (await Agent.NextAsync(Kind.Forward)).Forward;
        Assert.Equal(Replica(kernel), forward.Replica);
        Assert.Equal(id, forward.Message.MessageId);
        Agent.Answer(forward.Replica, forward.Message);
        var all = await client.UntilIdleAsync(id);
        Assert.Equal(["status", "kernel_info_reply", "status"], all.Select(r => r.Type));
    }

    [Theory]
    [InlineData(SocketChannel.Shell, "kernel_info_request", 0)]
    [InlineData(SocketChannel.Shell, "comm_info_request", 0)]
    [InlineData(SocketChannel.Control, "usage_request", 0)]
    [InlineData(SocketChannel.Shell, "complete_request", 1)]
    [InlineData(SocketChannel.Shell, "comm_msg", 1)]
    [InlineData(SocketChannel.Control, "debug_request", 1)]
    [InlineData(SocketChannel.Shell, "of_a_later_protocol", 1)]
    public async Task The_grain_is_told_of_what_users_do_and_not_of_what_clients_ask_by_themselves(SocketChannel channel, string type, int uses)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        await client.SendAsync(channel, type);
        await Agent.NextAsync(Kind.Forward);
        Assert.Equal(uses, kernel.Uses);   // its grain would not see this use by itself
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Buffers_pass_both_ways(bool v1)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel, v1);
        await client.SendAsync(SocketChannel.Shell, "comm_msg", """{"comm_id":"c","data":{}}""", "{}", null, [1, 2], [3]);
        var forward = (await Agent.NextAsync(Kind.Forward)).Forward;
        Assert.Equal([[1, 2], [3]], forward.Message.Buffers.Select(b => b.ToByteArray()));
        Agent.Say(Replica(kernel), Channel.Iopub, "comm_msg", forward.Message, """{"comm_id":"c","data":{}}""", (byte[])[9, 9]);
        Assert.Equal(1, (await client.UntilAsync("comm_msg")).Buffers);
    }

    [Fact]
    public async Task A_cell_is_staged_at_the_agent_and_submitted_to_the_kernel()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
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
        var kernel = Gateway.RunningKernel();
        await using var asker = await Gateway.ConnectAsync(kernel);
        await using var other = await Gateway.ConnectAsync(kernel, v1: false);
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
    public async Task A_request_with_the_id_of_anothers_takes_no_reply_from_it()
    {
        var kernel = Gateway.RunningKernel();
        await using var first = await Gateway.ConnectAsync(kernel);
        await using var second = await Gateway.ConnectAsync(kernel);
        await first.SendAsync(SocketChannel.Shell, "kernel_info_request", id: "same");
        var one = (await Agent.NextAsync(Kind.Forward)).Forward.Message;
        await second.SendAsync(SocketChannel.Shell, "kernel_info_request", id: "same");
        var other = (await Agent.NextAsync(Kind.Forward)).Forward.Message;
        Agent.Say(Replica(kernel), Channel.Shell, "kernel_info_reply", other, """{"for":"second"}""");
        Agent.Say(Replica(kernel), Channel.Shell, "kernel_info_reply", one, """{"for":"first"}""");
        Assert.Equal("first", (await first.UntilAsync("kernel_info_reply")).Text("for"));
        Assert.Equal("second", (await second.UntilAsync("kernel_info_reply")).Text("for"));
    }

    [Theory]
    [InlineData("""{"\ud800":1,"c\ud800e":2,"code":"1"}""", "{}")]
    [InlineData("""{"code":"1"}""", """{"\ud800":1,"resource\ud800request":2}""")]
    [InlineData("""{"code":"1"}""", """{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}""")]
    public async Task A_cell_with_names_and_depths_that_Python_takes_is_queued(string content, string metadata)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.SendAsync(SocketChannel.Shell, "execute_request", content, metadata);
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
    }

    [Fact]
    public async Task A_header_that_could_not_be_read_as_a_parent_is_refused()
    {
        await using var client = await Gateway.ConnectAsync(Gateway.RunningKernel());
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request", id: "i");
        var header = $$"""{"msg_id":"j","msg_type":"kernel_info_request","deep":{{new string('[', 100)}}{{new string(']', 100)}}}""";
        await client.SendRawAsync(V1Framing.Write(new(SocketChannel.Shell, Encoding.UTF8.GetBytes(header), "{}"u8.ToArray(), "{}"u8.ToArray(), "{}"u8.ToArray(), [])), WebSocketMessageType.Binary);
        Assert.Equal(1007, await client.UntilClosedAsync());
        Assert.Contains(Gateway.Logs.Warnings, w => w.Contains("was refused: a header is no JSON object", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_text_that_is_no_UTF8_is_refused_and_counted()
    {
        await using var client = await Gateway.ConnectAsync(Gateway.RunningKernel(), v1: false);
        await client.SendRawAsync([0xff, 0xfe], WebSocketMessageType.Text);
        Assert.Equal(1007, await client.UntilClosedAsync());
        await Waiting.Until(() => Gateway.Counters[GatewayCounters.MalformedMessages] == 1, "it is counted");
    }

    [Fact]
    public async Task Two_sockets_with_one_session_are_two_clients()
    {
        var kernel = Gateway.RunningKernel();
        await using var abandoned = await Gateway.ConnectAsync(kernel, true, "same");
        await using var used = await Gateway.ConnectAsync(kernel, false, "same");
        var id = await used.SendAsync(SocketChannel.Shell, "kernel_info_request");
        Agent.Answer(Replica(kernel), (await Agent.NextAsync(Kind.Forward)).Forward.Message);
        Assert.Contains(await used.UntilIdleAsync(id), r => r.Type == "kernel_info_reply");
    }

    [Fact]
    public async Task Messages_wait_for_a_kernel_that_is_starting()
    {
        var kernel = Gateway.Cluster.Add();
        await using var client = await Gateway.ConnectAsync(kernel);
        var info = await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        var cell = await client.ExecuteAsync();
        await kernel.SubmittedAsync();
        kernel.Run(Agent);
        Assert.Equal(cell, (await Agent.NextAsync(Kind.Stage)).Stage.Message.MessageId);
        Assert.Equal(info, (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    [Fact]
    public async Task A_restart_that_a_user_asked_for_is_no_news()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        using var answer = await Gateway.Http.PostAsync($"/api/kernels/{kernel.Id}/restart", null);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"up again"}""");
        Assert.Equal("stream", (await client.ReceiveAsync()).Type);
        kernel.Change(v => v with { Incarnation = v.Incarnation + 1 });
        await client.UntilAsync("status", "restarting");
    }

    [Fact]
    public async Task A_cell_submitted_while_the_silo_is_down_goes_through_when_it_is_back()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);
        var before = kernel.Subscriptions;
        Gateway.Cluster.Down = true;
        var first = await client.ExecuteAsync();
        var second = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Gateway.Cluster.Down = false;
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
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
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
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Assert.False((await kernel.SubmittedAsync()).Started);
        Agent.Say(Replica(kernel), Channel.Iopub, "status", cell, """{"execution_state":"busy"}""");
        await client.UntilAsync("status", "busy");
        Gateway.Cluster.Down = true;
        Assert.False((await Gateway.Http.GetAsync("/api/kernels")).IsSuccessStatusCode);
        Gateway.Cluster.Down = false;
        var again = await kernel.SubmittedAsync();
        Assert.Equal((id, true), (again.MessageId, again.Started));
    }

    [Fact]
    public async Task Interrupts_and_shutdowns_are_the_kernels_grain_s_business()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
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
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        await Gateway.Http.DeleteAsync($"/api/kernels/{kernel.Id}");
        await client.UntilAsync("status", "dead");
        Assert.Equal(1000, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task Connections_are_counted()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        Assert.Contains("\"connections\":1", await Gateway.Http.GetStringAsync($"/api/kernels/{kernel.Id}"), StringComparison.Ordinal);
        client.Drop();
        await WaitForConnectionsAsync(kernel, 0);
        Assert.Contains("\"connections\":0", await Gateway.Http.GetStringAsync($"/api/kernels/{kernel.Id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_kernel_or_a_wrong_token_gets_no_WebSocket()
    {
        var unknown = await Assert.ThrowsAsync<WebSocketException>(
            () => JupyterClient.ConnectAsync(Gateway.Http.BaseAddress!, "111-111-111-111-111", true, "s"));
        Assert.Contains("404", unknown.Message, StringComparison.Ordinal);
        using var socket = new ClientWebSocket();
        var kernel = Gateway.RunningKernel();
        var address = new UriBuilder(Gateway.Http.BaseAddress!) { Scheme = "ws", Path = $"/api/kernels/{kernel.Id}/channels" }.Uri;
        var noToken = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, default));
        Assert.Contains("401", noToken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_silo_is_down_a_known_kernel_takes_new_clients_and_an_unknown_one_is_503()
    {
        var kernel = Gateway.RunningKernel();
        await using var first = await Gateway.ConnectAsync(kernel);
        var unseen = Gateway.RunningKernel();
        Gateway.Cluster.Down = true;
        await using var second = await Gateway.ConnectAsync(kernel);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => Gateway.ConnectAsync(unseen));
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
        var kernel = Gateway.RunningKernel();
        await using var bad = await Gateway.ConnectAsync(kernel, v1);
        await using var good = await Gateway.ConnectAsync(kernel, v1);
        await bad.SendRawAsync(Encoding.UTF8.GetBytes(bytes), type);
        Assert.Equal((int)WebSocketCloseStatus.InvalidPayloadData, await bad.UntilClosedAsync());
        Assert.NotEqual("", bad.Socket.CloseStatusDescription);
        Assert.Equal(1, Gateway.Counters[GatewayCounters.MalformedMessages]);
        var id = await good.SendAsync(SocketChannel.Shell, "kernel_info_request");
        Agent.Answer(Replica(kernel), (await Agent.NextAsync(Kind.Forward)).Forward.Message);
        await good.UntilIdleAsync(id);
    }

    [Fact]
    public async Task An_oversized_message_ends_its_own_socket_alone()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxMessageBytes = 100_000 }, Gateway.Cluster, Agent);
        var kernel = Gateway.RunningKernel();
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
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel, v1: false);
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

    [Fact]
    public async Task A_display_that_a_client_does_not_take_gives_way_to_a_line_that_says_where_it_is()
    {
        var kernel = Gateway.RunningKernel();
        await using var small = await Gateway.ConnectAsync(kernel, v1: false, more: "&max_message=65536");
        await using var any = await Gateway.ConnectAsync(kernel, v1: false);
        await small.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);
        var picture = Convert.ToBase64String(new byte[60_000]);
        var content = $$$"""{"data":{"image/png":"{{{picture}}}"},"metadata":{},"transient":{"display_id":"d1"}}""";
        Agent.Say(Replica(kernel), Channel.Iopub, "display_data", null, content);

        var stub = await small.UntilAsync("display_data");
        var line = stub.Content.GetProperty("data").GetProperty("text/plain").GetString()!;
        Assert.Equal("d1", stub.Content.GetProperty("transient").GetProperty("display_id").GetString());
        Assert.Equal(picture, (await any.UntilAsync("display_data")).Content.GetProperty("data").GetProperty("image/png").GetString());

        var place = line.Split(' ').Single(w => w.StartsWith("http", StringComparison.Ordinal));
        Assert.Equal(content, await Gateway.Http.GetStringAsync(new Uri(place)));
        Assert.Equal(new byte[60_000], await Gateway.Http.GetByteArrayAsync(new Uri($"{place}?mime=image/png")));
        foreach (var wrong in (string[])[$"{place}?mime=text/html", place[..^1], place.Replace("/outputs/", "/outputs/..%2f", StringComparison.Ordinal)])
        {
            using var response = await Gateway.Http.GetAsync(new Uri(wrong));
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Of_outputs_that_are_kept_the_oldest_give_way()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { KeptOutputBytes = 250_000 }, Gateway.Cluster, Agent);
        var kernel = Gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel, v1: false, more: "&max_message=65536");
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);
        async Task<string> PlaceAsync(int bytes)
        {
            Agent.Say(Replica(kernel), Channel.Iopub, "display_data", null, $$$"""{"data":{"text/plain":"{{{new string('x', bytes)}}}"},"metadata":{}}""");
            return (await client.UntilAsync("display_data")).Content.GetProperty("data").GetProperty("text/plain").GetString()!;
        }

        async Task<HttpStatusCode> StatusAsync(string line)
        {
            using var response = await gateway.Http.GetAsync(new Uri(line.Split(' ').Single(w => w.StartsWith("http", StringComparison.Ordinal))));
            return response.StatusCode;
        }

        var (first, second, third) = (await PlaceAsync(100_000), await PlaceAsync(100_000), await PlaceAsync(100_000));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(first));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(second));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(third));
        Assert.Contains("Save it to a file instead", await PlaceAsync(300_000), StringComparison.Ordinal);
    }
}
