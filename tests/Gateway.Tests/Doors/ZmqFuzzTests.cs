using System.Text;
using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;
using Xunit.Abstractions;

namespace Notebook.Gateway.Tests.Doors;

/// <summary>ZMQ messages that make no sense: each is taken or refused with a count and a line in the log, and nobody else notices.</summary>
public sealed class ZmqFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private TestGateway _gateway = null!;
    private FakeKernel _kernel = null!;
    private KernelConnection _connection = null!;
    private Task _answering = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync(o => o with { MaxMessageBytes = 1 << 20 });
        _kernel = _gateway.RunningKernel();
        _answering = _gateway.Agent.AnswerAllAsync();
        using var opened = await _gateway.Http.PostAsync($"api/kernels/{_kernel.Id}/connect", null);
        _connection = KernelConnection.Parse(await opened.Content.ReadAsByteArrayAsync());
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _answering;
    }

    [Fact]
    public async Task A_message_that_makes_no_sense_is_refused_and_nobody_else_notices()
    {
        var random = Fuzzing.Begin(output);
        using var mutations = new ZmqMutations(random, _connection.Key);
        using var innocent = new ZmqClient(_connection);
        await innocent.UntilAsync(m => m.Type == "iopub_welcome", "the welcome");
        using var vandal = new ZmqClient(_connection);
        SocketChannel[] channels = [SocketChannel.Shell, SocketChannel.Control, SocketChannel.Stdin];
        var (sent, wrong) = (0, 0);
        for (var n = 0; n < Fuzzing.Rounds(300); n++)
        {
            var (frames, isWrong) = mutations.Next();
            try
            {
                if (isWrong) wrong++;
                vandal.SendFrames(channels[random.Next(channels.Length)], frames);
                await AssertServedAsync(vandal, $"{n}-too");
                await AssertServedAsync(innocent, $"{n}");
                sent += 5;
                await Waiting.Until(() => Taken + Refusals == sent, "every message counts", () => $"{Taken} taken and {Refusals} refused of {sent}");
                Assert.InRange(Refusals, wrong, sent);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {Fuzzing.Seed}, round {n}: {string.Join(" | ", frames.Take(8).Select(f => Encoding.Latin1.GetString(f.Span[..Math.Min(f.Length, 300)])))}", e);
            }
        }

        await innocent.BeatAsync("still here");
        Assert.InRange(Refusals, 100, int.MaxValue);
        Assert.Equal(Refusals, _gateway.Logs.Warnings.Count(w => w.Contains("was refused", StringComparison.Ordinal)));
        Assert.Empty(_gateway.Logs.Errors);
    }

    [Fact]
    public async Task Garbage_at_the_heartbeat_and_on_iopub_is_nobodys_concern()
    {
        var random = Fuzzing.Begin(output);
        using var innocent = new ZmqClient(_connection);
        await innocent.UntilAsync(m => m.Type == "iopub_welcome", "the welcome");
        for (var n = 0; n < Fuzzing.Rounds(40); n++)
        {
            using var beats = await RawPeer.ConnectAsync(_connection.Ip, _connection.HeartbeatPort, "DEALER");
            using var subscribes = await RawPeer.ConnectAsync(_connection.Ip, _connection.IopubPort, "SUB");
            for (var m = 0; m < 5; m++)
            {
                await beats.SendAsync([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Bytes())]);
                byte[] said = [(byte)random.Next(4), .. Bytes()];
                if (random.Next(4) == 0) await subscribes.SendAsync(said, Bytes());
                else await subscribes.SendAsync(random.Next(8) == 0 ? [] : said);
            }

            await (n % 2 == 0 ? beats : subscribes).SendBytesAsync(Bytes());
            await innocent.BeatAsync($"beat {n}");
            await AssertServedAsync(innocent, $"{n}");
        }

        await Waiting.Until(() => _gateway.ConnectionsOf(_kernel) == 1, "the garbage is not counted as clients", () => $"{_gateway.ConnectionsOf(_kernel)} are");
        Assert.InRange(Refusals, 1, int.MaxValue);
        Assert.Empty(_gateway.Logs.Errors);

        byte[] Bytes()
        {
            var bytes = new byte[random.Next(1, 100)];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    private long Refusals => _gateway.Counters[GatewayCounters.MalformedMessages] + _gateway.Counters[GatewayCounters.OversizedMessages];

    private long Taken => _gateway.Counters[GatewayCounters.MessagesIn];

    private static async Task AssertServedAsync(ZmqClient client, string round)
    {
        var (cell, info) = (client.Execute($"cell-{round}"), client.Send(SocketChannel.Shell, "kernel_info_request", id: $"info-{round}"));
        await client.UntilAsync(m => m.Type == "execute_reply" && m.ParentId == cell, "the cell's reply");
        await client.UntilAsync(m => m.Type == "kernel_info_reply" && m.ParentId == info, "the info");
        Assert.Equal(["status"], await client.UntilIdleAsync(cell));
        Assert.Equal(["status"], await client.UntilIdleAsync(info));
        client.Unread.Clear();
    }
}
