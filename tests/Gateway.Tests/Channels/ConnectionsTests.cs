using System.Net.Http.Json;
using System.Text.Json;
using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>How many clients a kernel has, and what they hear when it ends.</summary>
public sealed class ConnectionsTests
{
    [Fact]
    public async Task The_grain_is_told_of_the_first_client_before_anything_is_due()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { SweepEvery = TimeSpan.FromHours(1) });
        var kernel = gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        await Waiting.Until(() => kernel.Connections == 1, "the grain knows of it");
    }

    [Fact]
    public async Task The_grain_is_told_when_clients_come_and_go()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { SweepEvery = TimeSpan.FromMilliseconds(20), RenewEvery = TimeSpan.FromHours(1) });
        var kernel = gateway.RunningKernel();
        await using (await gateway.ConnectAsync(kernel))
        {
            await using var second = await gateway.ConnectAsync(kernel);
            await Waiting.Until(() => kernel.Connections == 2, "the grain knows of both");
        }

        await Waiting.Until(() => kernel.Connections == 0, "the grain knows that they are gone");
    }

    [Fact]
    public async Task Clients_at_other_gateways_count_too()
    {
        await using var gateway = await TestGateway.StartAsync();
        var kernel = gateway.RunningKernel();
        kernel.Change(v => v with { Connections = 2 });
        Assert.Equal(2, await ConnectionsAsync(gateway, kernel));
        await using var client = await gateway.ConnectAsync(kernel);
        await Waiting.Until(() => kernel.Connections == 1, "the grain knows of it");
        kernel.Change(v => v with { Connections = 3 });   // with ours
        Assert.Equal(3, await ConnectionsAsync(gateway, kernel));
    }

    [Fact]
    public async Task Who_is_there_when_the_kernel_ends_is_told_why()
    {
        await using var gateway = await TestGateway.StartAsync();
        var kernel = gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        kernel.Change(v => v with { State = KernelState.Dead, Reason = "it was culled: nobody has used it for 60 min" });
        var told = (await client.TryReceiveAsync())!;
        Assert.Equal(("status", "dead", "it was culled: nobody has used it for 60 min"), (told.Type, told.Text("execution_state"), told.Text("reason")));
        Assert.Null(await client.TryReceiveAsync());
        Assert.Equal("the kernel has ended: it was culled: nobody has used it for 60 min", client.Socket.CloseStatusDescription);
    }

    [Fact]
    public async Task Messages_over_the_rate_wait_and_none_is_lost()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MessagesPerSecond = 5 });
        var kernel = gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        var sent = new List<string>();
        for (var n = 0; n < 10; n++) sent.Add(await client.SendAsync(SocketChannel.Shell, "comm_msg"));
        foreach (var id in sent) Assert.Equal(id, (await gateway.Agent.NextAsync(Kind.Forward)).Forward.Message.MessageId);
    }

    private static async Task<int> ConnectionsAsync(TestGateway gateway, FakeKernel kernel) =>
        (await gateway.Http.GetFromJsonAsync<JsonElement>($"/api/kernels/{kernel.Id}")).GetProperty("connections").GetInt32();
}
