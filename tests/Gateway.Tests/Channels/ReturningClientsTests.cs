using System.Net.Sockets;
using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Channel = Notebook.Links.Protocol.Channel;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>What clients have had, and get when they come back; those that are slow are sent to do so.</summary>
public sealed class ReturningClientsTests : GatewayTest
{
    private static readonly TimeSpan s_never = TimeSpan.FromDays(1);   // for clients that are slow on purpose, on a machine that may be

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_comes_back_misses_nothing(bool otherStays)
    {
        var kernel = Gateway.RunningKernel();
        var client = await Gateway.ConnectAsync(kernel, session: "mine");
        await using var other = otherStays ? await Gateway.ConnectAsync(kernel) : null;
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Tick(1);
        await client.UntilAsync("stream", "tick 1");
        client.Drop();
        await WaitForConnectionsAsync(kernel, otherStays ? 1 : 0);
        for (var i = 2; i <= 20; i++) Tick(i);
        Agent.Answer(Replica(kernel), cell);
        if (other is not null) Assert.DoesNotContain(await other.UntilIdleAsync(id), r => r.Type == "execute_reply");

        await using var back = await Gateway.ConnectAsync(kernel, session: "mine");
        var all = await back.UntilIdleAsync(id);
        Assert.Equal(Enumerable.Range(2, 19).Select(i => $"tick {i}"), all.Where(r => r.Type == "stream").Select(r => r.Text("text")));
        Assert.Single(all, r => r.Type == "execute_reply");

        void Tick(int i) => Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, $$"""{"name":"stdout","text":"tick {{i}}"}""");
    }

    [Fact]
    public async Task What_a_client_has_had_does_not_come_again_when_its_connection_breaks_before_the_write_has_returned()
    {
        var kernel = Gateway.RunningKernel();
        using var connection = new HeldWebSocket();
        var served = Task.Run(() => Gateway.ServeAsync(kernel, connection, "mine"));
        await WaitForConnectionsAsync(kernel, 1);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"had"}""");
        await connection.Written.Within("the client has it");
        await Task.Run(connection.Drop);
        connection.LetWriteReturn();
        await served.Within("the connection is given up");

        await using var back = await Gateway.ConnectAsync(kernel, session: "mine");
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"not had"}""");
        Assert.Equal("not had", (await back.UntilAsync("stream")).Text("text"));
    }

    [Fact]
    public async Task What_was_written_to_a_connection_that_was_gone_by_then_comes_again()
    {
        var kernel = Gateway.RunningKernel();
        using var connection = new HeldWebSocket();
        using var gone = new Socket(SocketType.Stream, ProtocolType.Tcp);   // connected to nobody
        var served = Task.Run(() => Gateway.ServeAsync(kernel, connection, "mine", gone));
        await WaitForConnectionsAsync(kernel, 1);
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, """{"name":"stdout","text":"swallowed"}""");
        await connection.Written.Within("it is being written");
        connection.LetWriteReturn();
        await Task.Run(connection.Drop);
        await served.Within("the connection is given up");

        await using var back = await Gateway.ConnectAsync(kernel, session: "mine");
        Assert.Equal("swallowed", (await back.UntilAsync("stream")).Text("text"));
    }

    [Fact]
    public async Task A_message_that_was_cut_off_comes_again()
    {
        var kernel = Gateway.RunningKernel();
        var client = await Gateway.ConnectAsync(kernel, session: "mine");
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        var text = new string('x', 24 << 20);   // more than lies between two ends of a connection
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", cell, $$"""{"name":"stdout","text":"{{text}}"}""");
        await client.ReceivePartAsync();   // of the text, of which the rest cannot have come
        client.Drop();
        await WaitForConnectionsAsync(kernel, 0);
        Agent.Answer(Replica(kernel), cell);

        await using var back = await Gateway.ConnectAsync(kernel, session: "mine");
        var all = await back.UntilIdleAsync(id);
        Assert.Equal(["stream", "status", "execute_reply", "status"], all.Select(r => r.Type));
        Assert.True(all[0].Text("text") == text, "the text is not whole");
    }

    [Fact]
    public async Task What_nobody_has_had_is_not_acknowledged_and_a_new_gateway_gives_it()
    {
        var kernel = Gateway.RunningKernel();
        var client = await Gateway.ConnectAsync(kernel);
        await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        client.Drop();
        await WaitForConnectionsAsync(kernel, 0);
        Agent.Answer(Replica(kernel), cell);
        await Gateway.StopAsync();
        Assert.Equal(0ul, Agent.DeliveredUpTo);

        await using var second = await TestGateway.StartAsync(null, Gateway.Cluster, Agent);
        await using var back = await second.ConnectAsync(kernel, v1: true, client.Session);
        Assert.Contains(await back.UntilIdleAsync(cell.MessageId), r => r.Type == "execute_reply");
        await Agent.NextAsync(Kind.Delivered);
    }

    [Fact]
    public async Task A_slow_client_is_sent_away_to_come_back_and_others_go_on()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { OutputLogBytes = 4 << 20, SendTimeout = s_never }, Gateway.Cluster, Agent);
        var kernel = Gateway.RunningKernel();
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
        await using var gateway = await TestGateway.StartAsync(o => o with { OutputLogBytes = 2 << 20, SendTimeout = s_never }, Gateway.Cluster, Agent);
        var kernel = Gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        await Agent.NextAsync(Kind.Forward);
        var text = new string('x', 1 << 20);
        for (var i = 0; i < 40; i++) Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, $$"""{"name":"stdout","text":"{{i}} {{text}}"}""");
        await Agent.NextAsync(Kind.Detach);
        for (var i = 0; i < 40; i++) Assert.StartsWith($"{i} x", (await client.UntilAsync("stream")).Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_stops_sends_clients_away_to_come_back()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var stopping = Gateway.StopAsync();
        Assert.Equal(1012, await client.UntilClosedAsync());
        await stopping;
    }
}
