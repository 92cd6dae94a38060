using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Crashes;

public class GatewayCrashTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task A_new_one_serves_the_same_kernels_and_a_client_that_returns_misses_nothing()
    {
        var (kernel, before) = await OpenAsync();
        await before.ExecuteAsync("kept = 'still here'");
        var gateway = (await Platform.StatusAsync()).Process("gateway");
        var running = await Ticking.StartAsync(before);

        Processes.KillNine(gateway.Pid);
        await before.Ended.WaitAsync(Eventually.Limit);
        var after = await Eventually.GetAsync(
            "a gateway that lets the client in again", () => TryConnectAsync(kernel, before.SessionId), TimeSpan.FromSeconds(30));
        var reply = await after.WaitAsync(
            "the reply to the cell", m => m.Parent.MessageId == running && m.Type == "execute_reply", TimeSpan.FromSeconds(30));
        await after.WaitAsync("the cell's idle status", m => m.Parent.MessageId == running && m.IsStatus("idle"));

        Assert.Equal("ok", reply.Text("status"));
        // What was on its way when the gateway died may come twice, with the same msg_id; nothing may be missing.
        var streams = before.Received.Concat(after.Received)
            .Where(m => m.Parent.MessageId == running && m.Type == "stream")
            .DistinctBy(m => m.Header.MessageId);
        Assert.Equal(Ticking.Output, string.Concat(streams.Select(m => m.Text("text"))));
        Assert.Equal("'still here'", (await after.ExecuteAsync("kept")).Result);
    }

    private async Task<KernelSession?> TryConnectAsync(string kernel, string sessionId)
    {
        try
        {
            return await ConnectAsync(kernel, sessionId);
        }
        catch (System.Net.WebSockets.WebSocketException)
        {
            return null;
        }
    }
}
