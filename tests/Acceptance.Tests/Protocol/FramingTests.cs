using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>Both forms of the channels' WebSocket.</summary>
public class FramingTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const string EchoTarget =
        """
        def echo(comm, message):
            @comm.on_msg
            def answer(message):
                comm.send(message["content"]["data"], buffers=[bytes(buffer) for buffer in message["buffers"]])
        get_ipython().kernel.comm_manager.register_target("echo", echo)
        """;

    [Theory]
    [InlineData(Framing.V1)]
    [InlineData(Framing.Legacy)]
    public async Task A_cell_runs(Framing framing)
    {
        var (_, session) = await OpenAsync(framing);

        var cell = await session.ExecuteAsync("print('ünïcødé 𝐚'); 40 + 2");

        Assert.Equal("ünïcødé 𝐚\n", cell.Stdout);
        Assert.Equal("42", cell.Result);
    }

    [Theory]
    [InlineData(Framing.V1)]
    [InlineData(Framing.Legacy)]
    public async Task Binary_buffers_go_both_ways(Framing framing)
    {
        var (_, session) = await OpenAsync(framing);
        Assert.Equal("ok", (await session.ExecuteAsync(EchoTarget)).Status);
        await session.SendAsync("shell", "comm_open", new JsonObject { ["comm_id"] = "c", ["target_name"] = "echo", ["data"] = new JsonObject() });
        byte[][] buffers = [[0, 1, 2, 255], [], [.. Enumerable.Repeat((byte)7, 100_000)]];
        var (_, message) = new Requests(session.SessionId).Make(
            "comm_msg", new JsonObject { ["comm_id"] = "c", ["data"] = new JsonObject { ["n"] = 1 } });

        await session.SendAsync("shell", message with { Buffers = [.. buffers.Select(b => new ReadOnlyMemory<byte>(b))] });
        var echo = await session.WaitAsync("the echo", m => m.Channel == "iopub" && m.Type == "comm_msg");

        Assert.Equal(buffers, echo.Raw.Buffers.Select(b => b.ToArray()));
    }

    [Fact]
    public async Task A_frame_that_is_no_message_hurts_nobody_else()
    {
        var (kernel, session) = await OpenAsync();
        foreach (var garbage in (byte[][])[[], [1, 2, 3], [.. Enumerable.Repeat((byte)255, 64)]])
        {
            await using var bad = await Api.OpenAsync(kernel, "bad");
            await bad.SendRawAsync(garbage, isText: false);
        }

        await using (var bad = await Api.OpenAsync(kernel, "bad", Framing.Legacy)) await bad.SendRawAsync("{ no json"u8.ToArray(), isText: true);

        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);
    }

    [Fact]
    public async Task A_message_on_an_unknown_channel_hurts_nobody_else()
    {
        var (kernel, session) = await OpenAsync();
        var (_, message) = new Requests("bad").Make("kernel_info_request");
        await using (var bad = await Api.OpenAsync(kernel, "bad")) await bad.SendAsync("nowhere", message);

        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);
    }
}
