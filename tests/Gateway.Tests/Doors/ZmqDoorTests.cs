using System.Net;
using System.Text;
using Notebook.Gateway.Tests.Channels;
using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;
using Channel = Notebook.Links.Protocol.Channel;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Doors;

/// <summary>Clients with a connection file.</summary>
public sealed class ZmqDoorTests : GatewayTest
{
    [Fact]
    public async Task A_request_goes_to_the_executor_and_its_reply_comes_back()
    {
        var kernel = Gateway.RunningKernel();
        using var client = new ZmqClient(await OpenAsync(kernel));
        await SubscribedAsync(client);
        var id = client.Send(SocketChannel.Shell, "kernel_info_request");
        var forward = (await Agent.NextAsync(Kind.Forward)).Forward;
        Assert.Equal(id, forward.Message.MessageId);
        Agent.Answer(forward.Replica, forward.Message);
        await client.UntilAsync(m => m.Type == "kernel_info_reply" && m.ParentId == id, "the reply");
        Assert.Equal(["status"], await client.UntilIdleAsync(id));
    }

    [Fact]
    public async Task A_cell_is_staged_and_submitted_and_its_outputs_are_under_ipykernels_topics()
    {
        var kernel = Gateway.RunningKernel();
        using var client = new ZmqClient(await OpenAsync(kernel));
        await SubscribedAsync(client);
        var id = client.Execute();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Assert.Equal(id, (await kernel.SubmittedAsync()).MessageId);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stderr","text":"hello"}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "display_data", cell, """{"data":{},"metadata":{}}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "comm_open", cell, """{"comm_id":"c1","target_name":"t","data":{}}""");
        Agent.Say(Replica(kernel), Channel.Iopub, "execute_input", cell, """{"code":"1+1","execution_count":1}""");
        Assert.Equal("stream.stderr", (await client.UntilAsync(m => m.Type == "stream", "the stream")).Topic);
        Assert.Equal("display_data", (await client.UntilAsync(m => m.Type == "display_data", "the display")).Topic);
        Assert.Equal("comm-c1", (await client.UntilAsync(m => m.Type == "comm_open", "the comm")).Topic);
        Assert.Equal($"kernel.{kernel.Id}.execute_input", (await client.UntilAsync(m => m.Type == "execute_input", "the input")).Topic);
    }

    [Fact]
    public async Task Replies_and_prompts_are_for_the_one_who_asked_outputs_for_all()
    {
        var kernel = Gateway.RunningKernel();
        var connection = await OpenAsync(kernel);
        using var asker = new ZmqClient(connection);
        using var other = new ZmqClient(connection);
        await using var browser = await Gateway.ConnectAsync(kernel);
        await SubscribedAsync(asker);
        await SubscribedAsync(other);
        var id = asker.Execute();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Agent.Say(Replica(kernel), Channel.Stdin, "input_request", cell, """{"prompt":"name?","password":false}""");
        Assert.Equal(SocketChannel.Stdin, (await asker.UntilAsync(m => m.Type == "input_request", "the prompt")).Message.Channel);
        asker.Send(SocketChannel.Stdin, "input_reply", """{"value":"x"}""");
        Assert.Equal("input_reply", (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageType);
        Agent.Answer(Replica(kernel), cell);
        await asker.UntilAsync(m => m.Type == "execute_reply" && m.ParentId == id, "the reply");
        Assert.Equal(["status"], await asker.UntilIdleAsync(id));
        Assert.Equal(["status"], await other.UntilIdleAsync(id));
        Assert.DoesNotContain(await browser.UntilIdleAsync(id), r => r.Type is "execute_reply" or "input_request");
    }

    [Fact]
    public async Task Who_subscribes_is_welcomed_and_counted()
    {
        var kernel = Gateway.RunningKernel();
        var connection = await OpenAsync(kernel);
        using var one = new ZmqClient(connection);
        await SubscribedAsync(one);
        using (var two = new ZmqClient(connection))
        {
            var (topic, welcome) = await two.UntilAsync(m => m.Type == "iopub_welcome", "the welcome");
            Assert.Equal(("", "", ""), (topic, welcome.Text("subscription"), welcome.ParentId));
            await WaitForConnectionsAsync(kernel, 2);
        }

        await WaitForConnectionsAsync(kernel, 1);
    }

    [Fact]
    public async Task Heartbeats_of_several_clients_are_echoed()
    {
        var connection = await OpenAsync(Gateway.RunningKernel());
        using var one = new ZmqClient(connection);
        using var two = new ZmqClient(connection);
        await one.BeatAsync("ping");
        await two.BeatAsync("pong");
        await one.BeatAsync("again");
    }

    [Fact]
    public async Task A_wrong_signature_and_one_that_came_before_are_refused()
    {
        var kernel = Gateway.RunningKernel();
        var connection = await OpenAsync(kernel);
        using var forger = new ZmqClient(connection, key: "another key");
        forger.Send(SocketChannel.Shell, "kernel_info_request", id: "forged");
        await RefusedAsync(1);
        using var client = new ZmqClient(connection);
        await SubscribedAsync(client);
        var frames = client.Frames("kernel_info_request", "{}", "once");
        client.SendFrames(SocketChannel.Shell, frames);
        client.SendFrames(SocketChannel.Shell, frames);
        Assert.Equal("once", (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
        await RefusedAsync(2);
        client.Send(SocketChannel.Shell, "kernel_info_request", id: "next");
        Assert.Equal("next", (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    [Fact]
    public async Task Garbage_is_refused_and_nobody_else_notices()
    {
        const int Seed = 5;
        var random = new Random(Seed);
        var kernel = Gateway.RunningKernel();
        var connection = await OpenAsync(kernel);
        using var vandal = new ZmqClient(connection);
        var good = vandal.Frames("kernel_info_request", "{}", "good");
        var sent = 0;
        foreach (var channel in (SocketChannel[])[SocketChannel.Shell, SocketChannel.Control, SocketChannel.Stdin])
        {
            for (var n = 0; n < 50; n++, sent++)
            {
                var frames = good.Select(f => f.ToArray()).ToList();
                if (n % 3 == 0) frames.RemoveRange(random.Next(frames.Count), 1);
                else if (n % 3 == 1) random.NextBytes(frames[random.Next(frames.Count - 1)]);
                else frames[1 + random.Next(5)] = Encoding.UTF8.GetBytes(new string('[', random.Next(1, 5000)));
                vandal.SendFrames(channel, [.. frames.Select(f => (ReadOnlyMemory<byte>)f)]);
            }
        }

        await RefusedAsync(sent);
        using var client = new ZmqClient(connection);
        client.Send(SocketChannel.Shell, "kernel_info_request", id: "honest");
        Assert.Equal("honest", (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    public async Task What_is_signed_and_no_JSON_is_refused(string content)
    {
        using var client = new ZmqClient(await OpenAsync(Gateway.RunningKernel()));
        client.Send(SocketChannel.Shell, "execute_request", content);
        client.Send(SocketChannel.Control, "shutdown_request", content);
        await RefusedAsync(2);
        client.Send(SocketChannel.Shell, "kernel_info_request", id: "honest");
        Assert.Equal("honest", (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    [Fact]
    public async Task The_end_of_a_subscription_that_never_was_is_nobodys_end()
    {
        var kernel = Gateway.RunningKernel();
        var connection = await OpenAsync(kernel);
        using var client = new ZmqClient(connection);
        await SubscribedAsync(client);
        using var peer = await RawPeer.ConnectAsync(connection.Ip, connection.IopubPort, "SUB");
        await peer.SendAsync([0, (byte)'x']);
        await peer.SendAsync([7]);
        await RefusedAsync(1);
        Assert.Equal(1, Gateway.ConnectionsOf(kernel));
    }

    [Fact]
    public async Task Ports_and_key_outlive_restart_gateway_and_repeated_asking()
    {
        var kernel = Gateway.RunningKernel();
        using var folder = new TemporaryDirectory();
        KernelConnection connection;
        ZmqClient client;
        await using (var first = await TestGateway.StartAsync(o => o with { ConnectionsFolder = folder.Path }, Gateway.Cluster, Agent))
        {
            connection = await OpenAsync(kernel, first);
            Assert.Equal(connection, await OpenAsync(kernel, first));
            client = new ZmqClient(connection);
            await SubscribedAsync(client);
            await kernel.Restart();
            Assert.Equal(connection, await OpenAsync(kernel, first));
            await first.StopAsync();
        }

        using var _ = client;
        var file = Assert.Single(Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await using var second = await TestGateway.StartAsync(o => o with { ConnectionsFolder = folder.Path }, Gateway.Cluster, Agent);
        await SubscribedAsync(client);
        var id = client.Send(SocketChannel.Shell, "kernel_info_request");
        var forward = (await Agent.NextAsync(Kind.Forward)).Forward;
        Agent.Answer(forward.Replica, forward.Message);
        await client.UntilAsync(m => m.Type == "kernel_info_reply" && m.ParentId == id, "the reply");
        Assert.Equal(connection, await OpenAsync(kernel, second));
    }

    [Fact]
    public async Task A_reply_that_was_on_its_way_while_the_gateway_was_away_finds_its_client_by_its_session()
    {
        var kernel = Gateway.RunningKernel();
        using var folder = new TemporaryDirectory();
        ZmqClient client;
        Links.Protocol.JupyterFrame cell;
        await using (var first = await TestGateway.StartAsync(o => o with { ConnectionsFolder = folder.Path }, Gateway.Cluster, Agent))
        {
            client = new ZmqClient(await OpenAsync(kernel, first));
            await SubscribedAsync(client);
            client.Execute("m1");
            cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
            await first.StopAsync();
        }

        using var _ = client;
        await using var second = await TestGateway.StartAsync(o => o with { ConnectionsFolder = folder.Path }, Gateway.Cluster, Agent);
        await SubscribedAsync(client);
        Agent.Answer(Replica(kernel), cell);
        await client.UntilAsync(m => m.Type == "execute_reply" && m.ParentId == "m1", "the reply");
    }

    [Fact]
    public async Task What_nobody_was_there_for_goes_to_the_next_who_comes()
    {
        var kernel = Gateway.RunningKernel();
        var connection = await OpenAsync(kernel);
        Links.Protocol.JupyterFrame cell;
        using (var first = new ZmqClient(connection))
        {
            await SubscribedAsync(first);
            first.Execute("m1");
            cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        }

        await WaitForConnectionsAsync(kernel, 0);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, """{"name":"stdout","text":"alone"}""");
        using var second = new ZmqClient(connection);
        await second.UntilAsync(m => m.Type == "stream" && m.Text("text") == "alone", "what was said meanwhile");
    }

    [Fact]
    public async Task A_connect_request_is_answered_with_the_gateways_ports()
    {
        var kernel = Gateway.RunningKernel();
        await using var browser = await Gateway.ConnectAsync(kernel);
        var asked = await browser.SendAsync(SocketChannel.Shell, "connect_request");   // opens them
        var told = (await browser.UntilIdleAsync(asked)).Single(r => r.Type == "connect_reply").Text("shell_port");
        var connection = await OpenAsync(kernel);
        Assert.Equal($"{connection.ShellPort}", told);
        using var client = new ZmqClient(connection);
        await SubscribedAsync(client);
        var id = client.Send(SocketChannel.Shell, "connect_request");
        var (_, reply) = await client.UntilAsync(m => m.Type == "connect_reply", "the ports");
        Assert.Equal(id, reply.ParentId);
        Assert.Equal(
            [connection.ShellPort, connection.IopubPort, connection.StdinPort, connection.ControlPort, connection.HeartbeatPort],
            ((string[])["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]).Select(p => int.Parse(reply.Text(p)!, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_kernel_that_ends_says_so_and_its_ports_close()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { SweepEvery = TimeSpan.FromMilliseconds(50) }, Gateway.Cluster, Agent);
        var kernel = Gateway.RunningKernel();
        using var client = new ZmqClient(await OpenAsync(kernel, gateway));
        await SubscribedAsync(client);
        kernel.Change(v => v with { State = KernelState.Dead, Reason = "it was shut down" });
        await client.UntilAsync(m => m.Type == "status" && m.Text("execution_state") == "dead", "its end");
        kernel.Forget();
        await Waiting.Until(async () => (await gateway.Http.GetAsync(Path(kernel))).StatusCode == HttpStatusCode.NotFound, "its ports are closed");
    }

    [Fact]
    public async Task A_kernel_that_takes_the_place_of_one_that_ended_can_have_its_ports_and_key()
    {
        var (first, second) = (Gateway.RunningKernel(), Gateway.RunningKernel());
        var former = await OpenAsync(first);
        using var client = new ZmqClient(former);
        await SubscribedAsync(client);
        using (var early = await PostAsync(second, former.ToJson()))
        {
            Assert.Equal(HttpStatusCode.Forbidden, early.StatusCode);   // its kernel still runs
        }

        first.Forget();
        using var response = await PostAsync(second, former.ToJson());
        Assert.Equal(former, KernelConnection.Parse(await response.Content.ReadAsByteArrayAsync()));
        await SubscribedAsync(client);
        var id = client.Send(SocketChannel.Shell, "kernel_info_request");
        var forward = (await Agent.NextAsync(Kind.Forward)).Forward;
        Assert.Equal(Replica(second), forward.Replica);
        Assert.Equal(id, forward.Message.MessageId);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"transport":"ipc","ip":"x","shell_port":5001,"iopub_port":5002,"stdin_port":5003,"control_port":5004,"hb_port":5005,"key":"0123456789abcdef"}""")]
    [InlineData("""{"transport":"tcp","ip":"127.0.0.1","shell_port":22,"iopub_port":5002,"stdin_port":5003,"control_port":5004,"hb_port":5005,"key":"0123456789abcdef"}""")]
    [InlineData("""{"transport":"tcp","ip":"127.0.0.1","shell_port":5002,"iopub_port":5002,"stdin_port":5003,"control_port":5004,"hb_port":5005,"key":"0123456789abcdef"}""")]
    [InlineData("""{"transport":"tcp","ip":"127.0.0.1","shell_port":5001,"iopub_port":5002,"stdin_port":5003,"control_port":5004,"hb_port":5005,"key":""}""")]
    [InlineData("""{"transport":"tcp","ip":"127.0.0.1","shell_port":5001,"iopub_port":5002,"stdin_port":5003,"control_port":5004,"hb_port":5005,"key":null}""")]
    public async Task What_is_no_connection_is_refused(string body)
    {
        using var response = await PostAsync(Gateway.RunningKernel(), body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_message_that_is_too_large_in_all_its_parts_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxMessageBytes = 4096 }, Gateway.Cluster, Agent);
        var kernel = gateway.RunningKernel();
        using var client = new ZmqClient(await OpenAsync(kernel, gateway));
        client.Send(SocketChannel.Shell, "comm_msg", "{}", null, new byte[3000], new byte[3000]);
        client.Send(SocketChannel.Shell, "comm_msg", "{}", "fits", new byte[3000]);
        Assert.Equal("fits", (await Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
        Assert.Equal(1, gateway.Counters[GatewayCounters.OversizedMessages]);
    }

    [Fact]
    public async Task What_cannot_be_opened_is_refused_with_a_reason()
    {
        var kernel = Gateway.RunningKernel();
        using var unknown = await Gateway.Http.PostAsync("api/kernels/111-111-111-111-111/connect", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var none = await Gateway.Http.GetAsync(Path(kernel));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        await using var elsewhere = await TestGateway.StartAsync(o => o with { ZmqAddress = "192.0.2.1" }, Gateway.Cluster, Agent);
        using var refused = await elsewhere.Http.PostAsync(Path(kernel), null);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("192.0.2.1", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var full = await TestGateway.StartAsync(o => o with { MaxDoors = 0 }, Gateway.Cluster, Agent);
        using var tooMany = await full.Http.PostAsync(Path(kernel), null);
        Assert.Equal(HttpStatusCode.Forbidden, tooMany.StatusCode);
    }

    private static string Path(FakeKernel kernel) => $"api/kernels/{kernel.Id}/connect";

    private async Task<HttpResponseMessage> PostAsync(FakeKernel kernel, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Gateway.Http.PostAsync(Path(kernel), content);
    }

    private Task<KernelConnection> OpenAsync(FakeKernel kernel) => OpenAsync(kernel, Gateway);

    private static async Task<KernelConnection> OpenAsync(FakeKernel kernel, TestGateway gateway)
    {
        using var response = await gateway.Http.PostAsync(Path(kernel), null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return KernelConnection.Parse(await response.Content.ReadAsByteArrayAsync());
    }

    private static async Task SubscribedAsync(ZmqClient client) => await client.UntilAsync(m => m.Type == "iopub_welcome", "the welcome");

    private Task RefusedAsync(long count) =>
        Waiting.Until(() => Gateway.Counters[GatewayCounters.MalformedMessages] == count, $"{count} refused",
            () => $"{Gateway.Counters[GatewayCounters.MalformedMessages]} were");
}
