using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;
using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Xunit.Abstractions;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>WebSocket messages that make no sense: each is taken or refused with a reason, a count and a line in the log, and nobody else notices.</summary>
public sealed class FrameFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int MaxMessage = 1 << 20;
    private TestGateway _gateway = null!;
    private FakeKernel _kernel = null!;
    private Task _answering = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync(o => o with { MaxMessageBytes = MaxMessage });
        _kernel = _gateway.RunningKernel();
        _answering = _gateway.Agent.AnswerAllAsync();
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _answering;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_frame_that_makes_no_sense_is_refused_and_nobody_else_notices(bool v1)
    {
        var mutations = new FrameMutations(Fuzzing.Begin(output), v1, MaxMessage);
        await using var innocent = await _gateway.ConnectAsync(_kernel, v1);
        JupyterClient? vandal = null;
        var refused = 0;
        for (var n = 0; n < Fuzzing.Rounds(300); n++)
        {
            var (frame, type) = mutations.Next();
            try
            {
                vandal ??= await _gateway.ConnectAsync(_kernel, v1);
                await vandal.SendRawAsync(frame, type);
                if (await IsAnsweredAsync(vandal)) Assert.Equal(refused, Refusals);
                else
                {
                    refused++;
                    Assert.True(vandal.Socket.CloseStatus is WebSocketCloseStatus.InvalidPayloadData or WebSocketCloseStatus.MessageTooBig, $"{vandal.Socket.CloseStatus}");
                    if (type == WebSocketMessageType.Binary || Utf8.IsValid(frame)) Assert.NotEmpty(vandal.Socket.CloseStatusDescription!);   // else the runtime says it, in none
                    await Waiting.Until(() => Refusals == refused, "the refusal is counted", () => $"{Refusals} of {refused}");
                    await vandal.DisposeAsync();
                    vandal = null;
                    await Waiting.Until(() => _gateway.ConnectionsOf(_kernel) == 1, "only the innocent is left");
                }

                await AssertServedAsync(innocent, n);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {Fuzzing.Seed}, round {n}, {type} of {frame.Length} bytes: {Encoding.Latin1.GetString(frame.AsSpan(0, Math.Min(frame.Length, 600)))}", e);
            }
        }

        if (vandal is not null) await vandal.DisposeAsync();
        Assert.InRange(refused, 100, int.MaxValue);
        Assert.Equal(refused, _gateway.Logs.Warnings.Count(w => w.Contains("was refused", StringComparison.Ordinal)));
        Assert.Empty(_gateway.Logs.Errors);
    }

    private long Refusals => _gateway.Counters[GatewayCounters.MalformedMessages] + _gateway.Counters[GatewayCounters.OversizedMessages];

    // False when the connection was closed instead.
    private static async Task<bool> IsAnsweredAsync(JupyterClient client)
    {
        var id = await client.SendAsync(SocketChannel.Shell, "kernel_info_request");
        while (await client.TryReceiveAsync() is { } received)
            if (received.Type == "kernel_info_reply" && received.ParentId == id) return true;
        return false;
    }

    private static async Task AssertServedAsync(JupyterClient innocent, int round)
    {
        var (cell, info) = (await innocent.ExecuteAsync(id: $"cell-{round}"), await innocent.SendAsync(SocketChannel.Shell, "kernel_info_request", id: $"info-{round}"));
        Assert.Equal(["status", "execute_reply", "status"], (await innocent.UntilIdleAsync(cell)).Select(r => r.Type));
        Assert.Equal(["status", "kernel_info_reply", "status"], (await innocent.UntilIdleAsync(info)).Select(r => r.Type));
    }
}
