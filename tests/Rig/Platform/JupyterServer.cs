using System.Diagnostics;

namespace Notebook.Rig.Platform;

/// <summary>A stock <c>jupyter server</c>, without token.</summary>
public sealed class JupyterServer : IAsyncDisposable
{
    private const string Running = "is running at";
    private readonly Process _process;

    private JupyterServer(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>One whose kernels are the platform's, by <c>--gateway-url</c>.</summary>
    public static Task<JupyterServer> StartAsync(NotebookPlatform platform) => StartAsync(
        [$"--gateway-url={platform.Address.AbsoluteUri.TrimEnd('/')}", $"--GatewayClient.auth_token={platform.Token}"]);

    /// <summary>One that is started with these arguments and variables besides.</summary>
    public static async Task<JupyterServer> StartAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var port = NotebookPlatform.FreePort();
        var process = Command.Start(
            Command.Python,
            [
                "-m", "jupyter_server", "--no-browser", "--allow-root", "--port", $"{port}", "--ServerApp.port_retries=0",
                "--ServerApp.token=", "--ServerApp.disable_check_xsrf=True", .. arguments,
            ],
            environment: environment);
        var running = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) running.TrySetException(new InvalidOperationException("jupyter server ended before it ran"));
            else if (line.Data.Contains(Running, StringComparison.Ordinal)) running.TrySetResult(line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await running.Task.WithinAsync($"'{Running}' from jupyter server");
        return new(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
