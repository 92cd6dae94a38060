using System.Diagnostics;

namespace Notebook.Rig.Platform;

/// <summary>
/// A GPU server that a test starts, kills and starts again by itself: the agent, with everything below it. It keeps its
/// id, its address and its data, as a server does that comes back.
/// </summary>
public sealed class GpuServer : IAsyncDisposable
{
    private static readonly TimeSpan s_readyLimit = TimeSpan.FromSeconds(60);
    private readonly string[] _arguments;
    private readonly string _home;
    private Process? _agent;

    /// <param name="platform">Whose silo it joins; its data directory has the cluster key.</param>
    /// <param name="id">The server's id.</param>
    /// <param name="silo">Where it finds the silo.</param>
    /// <param name="advertise">Where gateways and other agents find it; null for where it listens.</param>
    /// <param name="port">Where it listens; null for a port that is free now.</param>
    public GpuServer(NotebookPlatform platform, string id, Uri silo, Uri? advertise = null, int? port = null)
    {
        Id = id;
        _home = Path.Combine(platform.Data, "homes", id);
        _arguments =
        [
            Built.Assembly("Agent"), "--data", platform.Data, "--id", id, "--listen", $"127.0.0.1:{port ?? NotebookPlatform.FreePort()}",
            "--silo", $"{silo}", "--gpus", "simulated:8", "--pool", "1",
            .. advertise is null ? (string[])[] : ["--advertise", $"{advertise}"],
        ];
    }

    public string Id { get; }

    /// <summary>Starts it, and waits until it listens.</summary>
    public async Task StartAsync()
    {
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new List<string>();
        _agent = Command.Start("dotnet", _arguments, _home);
        _agent.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) ready.TrySetException(new InvalidOperationException($"the agent of {Id} ended before it was ready: {string.Join('\n', errors)}"));
            else if (line.Data.StartsWith("ready ", StringComparison.Ordinal)) ready.TrySetResult(line.Data);
        };
        _agent.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null && !ready.Task.IsCompleted) errors.Add(line.Data);
        };
        _agent.BeginOutputReadLine();
        _agent.BeginErrorReadLine();
        await ready.Task.WithinAsync($"the agent of {Id} is ready", s_readyLimit);
    }

    /// <summary>The server is gone, from one moment to the next: agent, fork server and kernel processes.</summary>
    public async Task KillAsync()
    {
        if (_agent is not { } agent) return;
        _agent = null;
        agent.Kill(entireProcessTree: true);
        await agent.WaitForExitAsync();
        agent.Dispose();
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
