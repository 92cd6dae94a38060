using System.Text.Json;
using Notebook.Acceptance.Tests.Platform;
using Notebook.JupyterWire;
using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>
/// Clients that others wrote, as they are: the public suite jupyter_kernel_test over ZMQ and both WebSocket forms, compared
/// with what a stock ipykernel passes on this machine; and the stock console in a terminal.
/// </summary>
public class StockClientsTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [RequiresModuleFact("jupyter_kernel_test", "python3-jupyter-kernel-test")]
    public async Task The_public_suite_passes_over_every_door_what_it_passes_with_a_stock_ipykernel()
    {
        var runs = await Task.WhenAll(
            SuiteAsync("--stock"),
            SuiteAsync("--connection-file", (await ConnectionFileAsync(await StartKernelAsync())).File),
            SuiteAsync("--channels", Channels(await StartKernelAsync()), "--token", Platform.Token),
            SuiteAsync("--channels", Channels(await StartKernelAsync()), "--token", Platform.Token, "--legacy"));
        var (stock, ours) = (runs[0], runs[1..]);

        var passed = stock.Where(test => test.Value == "ok").Select(test => test.Key).ToArray();
        Output.WriteLine($"a stock ipykernel passes {passed.Length} of {stock.Count}");
        Assert.True(passed.Length > stock.Count / 2, string.Join('\n', stock));
        Assert.All(ours, run => Assert.All(passed, test => Assert.True(run[test] == "ok", $"{test}: {run[test]}")));
    }

    [RequiresModuleFact("jupyter_console", "jupyter-console")]
    public async Task The_stock_console_runs_cells_shows_errors_asks_for_input_and_is_interrupted()
    {
        var kernel = await StartKernelAsync();
        var (file, _) = await ConnectionFileAsync(kernel);
        var result = await Command.RunAsync(
            Command.Python, [Client("console.py"), file, new Uri(Platform.Address, $"api/kernels/{kernel}/interrupt").AbsoluteUri, Platform.Token], s_limit);
        Output.WriteLine(result.Stdout);
        Assert.True(result.ExitCode == 0, result.Stderr);
    }

    [Fact]
    public async Task The_ports_of_a_connection_file_outlive_the_gateway_until_they_are_closed()
    {
        var kernel = await StartKernelAsync();
        var (file, connection) = await ConnectionFileAsync(kernel);
        var gateway = (await Platform.StatusAsync()).Process("gateway");
        Processes.KillNine(gateway.Pid);
        await Platform.StatusAsync("another gateway", s => s.Process("gateway").Pid != gateway.Pid);
        await Platform.WholeAsync();

        await Eventually.IsTrueAsync("the new gateway answers", async () => (await Platform.RunAsync("connect", kernel, "--output", file)).ExitCode == 0);
        Assert.Equal(connection, (await ConnectionFileAsync(kernel)).Connection);
        Assert.Equal(0, (await Platform.RunAsync("connect", kernel, "--close", "--output", file)).ExitCode);
        Assert.False(File.Exists(file));
    }

    private async Task<(string File, KernelConnection Connection)> ConnectionFileAsync(string kernel)
    {
        var file = Path.Combine(Platform.Data, $"{kernel}.json");
        (await Platform.RunAsync("connect", kernel, "--output", file)).Checked();
        return (file, KernelConnection.Parse(await File.ReadAllBytesAsync(file)));
    }

    private async Task<IReadOnlyDictionary<string, string>> SuiteAsync(params string[] kernel)
    {
        var result = await Command.RunAsync(Command.Python, [Client("kernel_suite.py"), .. kernel], s_limit);
        Output.WriteLine($"{string.Join(' ', kernel)}\n{result.Stderr}");
        return JsonSerializer.Deserialize<Dictionary<string, string>>(result.Checked().Stdout.TrimEnd().Split('\n')[^1])!;
    }

    private string Channels(string kernel) =>
        new UriBuilder(new Uri(Platform.Address, $"api/kernels/{kernel}/channels")) { Scheme = "ws" }.Uri.AbsoluteUri;

    private static string Client(string script) => Built.File("tests", "Acceptance.Tests", "clients", script);
}
