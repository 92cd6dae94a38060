using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Channel = Notebook.Links.Protocol.Channel;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>Large outputs that clients have the beginning of while the rest is on its way to the gateway.</summary>
public sealed class ArrivingOutputsTests : GatewayTest
{
    private readonly byte[] _first = Bytes(12 << 20, 1), _second = Bytes(8 << 20, 2);
    private readonly HeldMemory _held;

    public ArrivingOutputsTests() => _held = new HeldMemory(_second);

    [Fact]
    public async Task A_client_has_the_beginning_before_the_gateway_has_the_end_and_the_rest_when_it_comes()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        SayLarge(kernel);
        await client.ReceivePartAsync();
        _held.Release();

        SaySmall(kernel, "after");
        await client.ReceiveRestAsync();
        Assert.Equal("after", (await client.ReceiveAsync()).Text("text"));
    }

    [Fact]
    public async Task A_link_that_breaks_in_the_middle_has_its_clients_come_back_and_they_get_it_once_and_in_order()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel, session: "mine");
        SaySmall(kernel, "before");
        Assert.Equal("before", (await client.ReceiveAsync()).Text("text"));
        SayLarge(kernel);
        await client.ReceivePartAsync();
        Agent.BreakLink();
        Assert.Equal(1012, await client.UntilClosedAsync());
        await WaitForConnectionsAsync(kernel, 0);
        _held.Release();
        SaySmall(kernel, "after");

        await using var back = await Gateway.ConnectAsync(kernel, session: "mine");
        await AssertLargeAsync(back);
        Assert.Equal("after", (await back.ReceiveAsync()).Text("text"));
    }

    [Fact]
    public async Task Who_is_between_two_messages_when_the_link_breaks_stays_and_gets_it_once()
    {
        var kernel = Gateway.RunningKernel();
        await using var behind = await Gateway.ConnectAsync(kernel, v1: false);   // needs the whole of a message
        await using var client = await Gateway.ConnectAsync(kernel);
        SayLarge(kernel);
        await client.ReceivePartAsync();
        Agent.BreakLink();
        Assert.Equal(1012, await client.UntilClosedAsync());
        _held.Release();
        SaySmall(kernel, "after");

        Assert.Equal(2, (await behind.ReceiveAsync()).Buffers);
        Assert.Equal("after", (await behind.ReceiveAsync()).Text("text"));
    }

    [Fact]
    public async Task Several_clients_get_it_each_at_its_own_pace()
    {
        var kernel = Gateway.RunningKernel();
        await using var slow = await Gateway.ConnectAsync(kernel);
        await using var fast = await Gateway.ConnectAsync(kernel);
        await using var whole = await Gateway.ConnectAsync(kernel, v1: false);
        SayLarge(kernel);
        await fast.ReceivePartAsync();
        _held.Release();
        await fast.ReceiveRestAsync();
        Assert.Equal(2, (await whole.ReceiveAsync()).Buffers);
        SaySmall(kernel, "after");

        Assert.Equal("after", (await fast.ReceiveAsync()).Text("text"));
        await AssertLargeAsync(slow);
        Assert.Equal("after", (await slow.ReceiveAsync()).Text("text"));
    }

    [Fact]
    public async Task What_the_gateway_says_itself_waits_behind_it_for_those_who_need_the_whole()
    {
        var kernel = Gateway.RunningKernel();
        await using var whole = await Gateway.ConnectAsync(kernel, v1: false);
        await using var client = await Gateway.ConnectAsync(kernel);
        SayLarge(kernel);
        await client.ReceivePartAsync();
        kernel.Change(view => view with { State = KernelState.Dead, Reason = "the end" });
        _held.Release();

        Assert.Equal("comm_open", (await whole.ReceiveAsync()).Type);
        Assert.Equal("dead", (await whole.ReceiveAsync()).Text("execution_state"));
        Assert.Equal(1000, await whole.UntilClosedAsync());
    }

    [Fact]
    public async Task Whoever_leaves_in_the_middle_has_left_and_gets_it_on_return()
    {
        var kernel = Gateway.RunningKernel();
        var client = await Gateway.ConnectAsync(kernel, session: "mine");
        SayLarge(kernel);
        await client.ReceivePartAsync();
        client.Drop();
        await WaitForConnectionsAsync(kernel, 0);
        _held.Release();

        await using var back = await Gateway.ConnectAsync(kernel, session: "mine");
        await AssertLargeAsync(back);
    }

    private void SayLarge(FakeKernel kernel) => Agent.Say(Replica(kernel), Channel.Iopub, "comm_open", null, "{}", _first, _held.Memory);

    private void SaySmall(FakeKernel kernel, string text) =>
        Agent.Say(Replica(kernel), Channel.Iopub, "stream", null, $$"""{"name":"stdout","text":"{{text}}"}""");

    private async Task AssertLargeAsync(JupyterClient client)
    {
        var (frame, _) = await client.ReceiveRawAsync();
        Assert.True(V1Framing.TryRead(frame, out var message, out var fault), fault);
        Assert.Equal(2, message.Buffers.Count);
        Assert.True(message.Buffers[0].Span.SequenceEqual(_first) && message.Buffers[1].Span.SequenceEqual(_second), "buffers that are not as they were");
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
