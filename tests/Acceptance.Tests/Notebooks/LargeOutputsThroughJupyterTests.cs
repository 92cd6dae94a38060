using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>A stock Jupyter server that has its kernels by <c>--gateway-url</c> takes 10 MiB in a message, and hangs on more.</summary>
public class LargeOutputsThroughJupyterTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int Printed = 11_000_000;
    private const int Displayed = 50_000_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Printed_text_arrives_whole_and_of_a_display_a_line_says_where_it_is()
    {
        await using var server = await JupyterServer.StartAsync(Platform);
        using var jupyter = new JupyterApi(server.Address, token: null);
        var kernel = await jupyter.StartKernelAsync();
        await using var session = await jupyter.ConnectAsync(kernel, framing: Framing.Legacy);
        // The server drops what comes before its own way to the gateway is open; stock clients ask until they are answered, too.
        await Eventually.IsTrueAsync("the kernel answers through the server", () => AnswersAsync(session), s_limit);

        var printed = await session.ExecuteAsync($"import sys; _ = sys.stdout.write('x' * {Printed})", s_limit);
        var displayed = await session.ExecuteAsync(
            $"from IPython.display import display; display({{'text/plain': 'small', 'text/x-large': 'y' * {Displayed}}}, raw=True)", s_limit);

        Assert.Equal(Printed, printed.Stdout.Length);
        var stub = Assert.Single(displayed.Messages, m => m.Type == "display_data").Content["data"]!["text/plain"]!.GetValue<string>();
        Assert.StartsWith("[an output of 47.7 MiB is not shown", stub, StringComparison.Ordinal);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("token", Platform.Token);
        var place = stub.Split(' ').Single(w => w.StartsWith(Platform.Address.AbsoluteUri, StringComparison.Ordinal));
        Assert.Equal(Displayed, (await http.GetByteArrayAsync(new Uri($"{place}?mime=text/x-large"))).Length);
        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);
        Assert.Equal(204, (await jupyter.DeleteKernelAsync(kernel)).Status);
    }

    private static async Task<bool> AnswersAsync(KernelSession session)
    {
        try
        {
            await session.AskAsync("shell", "kernel_info_request", limit: TimeSpan.FromSeconds(5));
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
