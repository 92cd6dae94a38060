using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>
/// The way of our plug-in for Jupyter Server 2 to the gateway, with stock tornado: Debian 12 has only Jupyter Server 1, which
/// takes no such plug-in, so the few lines that put it into the server are not run here.
/// </summary>
public class ServerPluginTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("v1")]
    [InlineData("default")]
    public async Task Large_messages_and_buffers_pass_and_a_gateway_that_is_killed_costs_nothing(string form)
    {
        var kernel = await StartKernelAsync();
        var channels = new UriBuilder(new Uri(Platform.Address, $"api/kernels/{kernel}/channels")) { Scheme = "ws" }.Uri;
        using var browser = Command.Start(
            Command.Python,
            [
                Built.File("tests", "Acceptance.Tests", "clients", "relayed_browser.py"), Built.File("kernel", "notebook_jupyter"),
                channels.AbsoluteUri, Platform.Token, form,
            ]);
        var errors = browser.StandardError.ReadToEndAsync();
        Assert.Equal("ticking", await browser.StandardOutput.ReadLineAsync().WithinAsync("the cell's first outputs", s_limit) ?? await errors);

        Processes.KillNine((await Platform.StatusAsync()).Process("gateway").Pid);
        var result = await browser.StandardOutput.ReadLineAsync().WithinAsync("the cell's last outputs", s_limit) ?? await errors;

        Assert.Equal("""{"stream": 11000000, "displays": [20000000], "buffers": [[12000000, 1], true], "ticks": true}""", result);
        // Of this gateway; the kernel counts those of the killed one until it has been silent for a while.
        await Eventually.IsTrueAsync("no connection left behind", async () =>
            (await Api.SendAsync(HttpMethod.Get, "api/status")).Body is JsonNode status && status["connections"]!.GetValue<int>() == 0);
        await Platform.WholeAsync();
    }
}
