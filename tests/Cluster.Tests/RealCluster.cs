using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Notebook.Rig;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;
using Npgsql;

namespace Notebook.Cluster.Tests;

/// <summary>The platform as it is deployed on more than one silo, in processes of its own on this machine.</summary>
public sealed class RealCluster : IAsyncDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(120);
    private readonly string _data = Directory.CreateTempSubdirectory("nb-cluster-").FullName;
    private readonly Dictionary<string, Process> _processes = [];
    private readonly Dictionary<string, string[]> _commands = [];
    private readonly NpgsqlDataSource _database;

    private RealCluster(string database) => _database = NpgsqlDataSource.Create(database);

    /// <summary>The gateway's REST side.</summary>
    public JupyterApi Api { get; private set; } = null!;

    /// <summary>Two silos, a gateway and three agents with two simulated GPUs each.</summary>
    public static async Task<RealCluster> StartAsync(string database)
    {
        var cluster = new RealCluster(database);
        var secrets = Directory.CreateDirectory(Path.Combine(cluster._data, "secrets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secrets, "cluster.key"), new string('k', 64));
        await File.WriteAllTextAsync(Path.Combine(secrets, "token"), "cluster-tests");
        var postgres = Path.Combine(secrets, "postgres");
        await File.WriteAllTextAsync(postgres, database);

        var silos = (string[])[$"ws://127.0.0.1:{FreePort()}/", $"ws://127.0.0.1:{FreePort()}/"];
        for (var i = 0; i < silos.Length; i++)
        {
            cluster.Start("Silo", $"silo-{i + 1}", new Uri(silos[i]).Authority, "--postgres-file", postgres, "--advertised-ip", "127.0.0.1",
                "--silo-port", $"{FreePort()}", "--gateway-port", $"{FreePort()}");
        }

        var gateway = $"127.0.0.1:{FreePort()}";
        cluster.Start("Gateway", "gateway", gateway, "--postgres-file", postgres);
        for (var i = 0; i < 3; i++)
        {
            cluster.Start("Agent", $"agent-{i + 1}", $"127.0.0.1:{FreePort()}",
                "--silo", string.Join(',', i % 2 == 0 ? silos : silos.Reverse()), "--gpus", "simulated:2", "--python", Command.Python);
        }

        cluster.Api = new JupyterApi(new Uri($"http://{gateway}/"), "cluster-tests");
        await cluster.UpAsync();
        return cluster;
    }

    private async Task UpAsync()
    {
        try
        {
            await BothSilosAsync();
            await Eventually.IsTrueAsync("three servers that can run kernels", HasServersAsync, s_start);
        }
        catch (TimeoutException e)
        {
            var consoles = Consoles();
            await DisposeAsync();
            throw new TimeoutException($"{e.Message}\n{consoles}");
        }
    }

    /// <summary>Ends one process at once.</summary>
    public void Kill(string id) => _processes[id].Kill();

    /// <summary>Starts one again as it was.</summary>
    public void Restart(string id) => Run(id);

    /// <summary>Waits until both silos are members of the cluster.</summary>
    public Task BothSilosAsync() => Eventually.IsTrueAsync("two active silos", async () =>
    {
        await using var count = _database.CreateCommand("SELECT count(*) FROM silo_membership WHERE status = 3");
        return (long)(await count.ExecuteScalarAsync())! == 2;
    }, s_start);

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        await _database.DisposeAsync();
        foreach (var process in _processes.Values)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task<bool> HasServersAsync()
    {
        await using var count = _database.CreateCommand("SELECT count(*) FROM agent_connection");
        if ((long)(await count.ExecuteScalarAsync())! < 3) return false;
        try
        {
            return await Api.SendAsync(HttpMethod.Get, "api/kernelspecs") is (200, { } body) && body["kernelspecs"]!.AsObject().Count > 0;
        }
        catch (HttpRequestException)
        {
            return false;   // the gateway is on its way up
        }
    }

    private void Start(string project, string id, string listen, params string[] options)
    {
        _commands[id] = [Built.Assembly(project), "--data", _data, "--id", id, "--listen", listen, .. options];
        Run(id);
    }

    // No pipes: nobody would read them.
    private void Run(string id) => _processes[id] = Process.Start(
        new ProcessStartInfo("/bin/sh", ["-c", "exec dotnet \"$@\" >>\"$0\" 2>&1", Path.Combine(_data, $"{id}.out"), .. _commands[id]]))!;

    /// <summary>What the processes wrote to their consoles: warnings, and why one ended.</summary>
    public string Consoles() => string.Join('\n', Directory.EnumerateFiles(_data, "*.out").Order().Select(f =>
        $"--- {Path.GetFileName(f)}\n{string.Join('\n', File.ReadLines(f).TakeLast(15).Select(l => l[..Math.Min(l.Length, 300)]))}"));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
