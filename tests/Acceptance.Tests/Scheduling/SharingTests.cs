using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Scheduling;

/// <summary>
/// Twelve kernels of four GPUs share three servers of eight, where six of their cells have room at a time. Every cell runs, no
/// GPU has two holders, and nothing is lost when a server is killed while cells wait or while replicas move.
/// </summary>
[Collection(ClusterGroup.Name)]
public class SharingTests(ITestOutputHelper output)
{
    private const int Kernels = 12;
    private const int GpusPerKernel = 4;
    private const int GpusPerServer = 8;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Twelve_kernels_of_four_gpus_share_three_servers_of_eight_and_a_server_is_killed_while_cells_wait()
    {
        await using var cluster = await SharedCluster.StartAsync(output, servers: 3);
        await cluster.StartKernelsAsync(Kernels, GpusPerKernel);
        var first = cluster.SubmitToAll("import time; x = {0}; time.sleep(2)");
        var waiting = await cluster.Platform.ClusterAsync(
            "cells hold 24 GPUs, and others wait",
            s => s.Servers.Sum(v => v.Gpus.Count(g => g.LeasedBy.Length > 0)) == 24 && (s.Json["gpu_queue"] as JsonArray)?.Count > 0, s_limit);
        var places = ((JsonArray)waiting.Json["gpu_queue"]!).Select(q => (int)q!["place"]!).ToArray();
        Assert.Equal(Enumerable.Range(1, places.Length), places);
        Assert.All(await first, ended => Assert.Equal("ok", ended.Cell.Status));

        // Again, and one server goes with what runs there.
        var second = cluster.SubmitToAll("x += 100; time.sleep(2)");
        await cluster.Platform.ClusterAsync("others wait", s => (s.Json["gpu_queue"] as JsonArray)?.Count > 0, s_limit);
        await cluster.KillAsync(1);
        await cluster.Servers[1].StartAsync();
        await CheckAsync(cluster, await second, expected: 100);
    }

    [Fact]
    public async Task Kernels_move_to_a_server_that_comes_and_another_server_is_killed_while_they_move()
    {
        await using var cluster = await SharedCluster.StartAsync(output, servers: 3);
        await cluster.StartKernelsAsync(Kernels, GpusPerKernel);
        Assert.All(await cluster.SubmitToAll("import time; x = {0}"), ended => Assert.Equal("ok", ended.Cell.Status));
        var gate = Path.Combine(cluster.Platform.Data, "gate");
        var cells = cluster.SubmitToAll($"import os\nwhile not os.path.exists('{gate}'): time.sleep(0.05)\nx += 100");   // none makes room before the server is there
        await cluster.Platform.ClusterAsync("others wait", s => (s.Json["gpu_queue"] as JsonArray)?.Count > 0, s_limit);
        await cluster.AddServerAsync();
        await cluster.Platform.ClusterAsync("replicas move", s => (s.Json["moves"] as JsonArray)?.Count > 0, s_limit);
        await cluster.KillAsync(2);
        await cluster.Servers[2].StartAsync();
        await File.WriteAllTextAsync(gate, "");
        await CheckAsync(cluster, await cells, expected: 100);
        var status = await cluster.Platform.ClusterAsync("no replica moves", s => (s.Json["moves"] as JsonArray)?.Count == 0, s_limit);
        Assert.Contains(status.Kernels, k => k.Replicas.Any(r => r.Server == "agent-4"));
        Assert.All(status.Kernels, k => Assert.Equal(3, k.Replicas.Count));
    }

    /// <summary>Whoever lost its executor runs its cell again; then every kernel has what its acknowledged cells made, once.</summary>
    private async Task CheckAsync(SharedCluster cluster, IReadOnlyList<(int Number, KernelSession Session, Cell Cell)> cells, int expected)
    {
        foreach (var (number, session, cell) in cells)
        {
            var lost = cell is { Status: "error", ErrorName: "ExecutorLost" };
            Assert.True(cell.Status == "ok" || lost, $"kernel {number}: {cell}");
            if (lost) output.WriteLine($"kernel {number} lost its executor");
            var x = (await session.ExecuteAsync("x", s_limit)).Result;
            if (lost && x == number.ToString(CultureInfo.InvariantCulture)) x = (await session.ExecuteAsync($"x += {expected}; x", s_limit)).Result;
            Assert.Equal((number + expected).ToString(CultureInfo.InvariantCulture), x);
        }

        await cluster.Platform.ClusterAsync("no GPU is leased", s => s.Servers.All(v => v.Gpus.All(g => g.LeasedBy.Length == 0)), s_limit);
        var (most, leases) = LeaseJournal.Check(Path.Combine(cluster.Platform.Data, "logs"), GpusPerServer, cluster.Killed);
        output.WriteLine($"{leases} leases, at most {most} GPUs at a time");
        Assert.InRange(most, 2 * GpusPerServer, cluster.Servers.Count * GpusPerServer);
    }

    /// <summary>A platform whose servers the test starts and kills, and kernels that share it.</summary>
    private sealed class SharedCluster : IAsyncDisposable
    {
        private readonly ITestOutputHelper _output;
        private readonly List<GpuServer> _servers = [];
        private readonly List<KernelSession> _sessions = [];
        private readonly Uri _silo;

        private SharedCluster(NotebookPlatform platform, Uri silo, ITestOutputHelper output) => (Platform, _silo, _output) = (platform, silo, output);

        public NotebookPlatform Platform { get; }

        public List<GpuServer> Servers => _servers;

        public List<(DateTimeOffset At, string Server)> Killed { get; } = [];

        public static async Task<SharedCluster> StartAsync(ITestOutputHelper output, int servers)
        {
            var platform = await NotebookPlatform.UpAsync(agents: 0);
            var silo = new UriBuilder((await platform.StatusAsync()).Process("silo").Address) { Scheme = "ws" }.Uri;
            var cluster = new SharedCluster(platform, silo, output);
            for (var i = 0; i < servers; i++) await cluster.AddServerAsync();
            await platform.ClusterAsync("all servers are up", s => s.Servers.Count(v => v.State == "up") == servers, s_limit);
            return cluster;
        }

        public async Task AddServerAsync()
        {
            var server = new GpuServer(Platform, $"agent-{_servers.Count + 1}", _silo);
            _servers.Add(server);
            await server.StartAsync();
        }

        public async Task KillAsync(int server)
        {
            await _servers[server].KillAsync();
            Killed.Add((TimeProvider.System.GetUtcNow(), $"agent '{_servers[server].Id}'"));
        }

        public async Task StartKernelsAsync(int count, int gpus)
        {
            for (var i = 0; i < count; i++)
            {
                var options = new JsonObject { ["env"] = new JsonObject { ["KERNEL_GPUS"] = $"{gpus}" } };
                _sessions.Add(await Platform.Api.ConnectAsync(await Platform.Api.StartKernelAsync(options: options)));
            }

            await Platform.ClusterAsync("all replicas are up", s => s.Kernels.Count == count && s.Kernels.All(k => k.Replicas.Count(r => r.Pid > 0) == 3), s_limit);
        }

        /// <summary>The same cell to every kernel; <c>{0}</c> is its number.</summary>
        public async Task<IReadOnlyList<(int Number, KernelSession Session, Cell Cell)>> SubmitToAll(string code)
        {
            var ends = _sessions.Select(async (session, i) =>
                (i, session, await session.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, code, i), s_limit)));
            return await Task.WhenAll(ends);
        }

        public async ValueTask DisposeAsync()
        {
            _output.WriteLine(Platform.LogTails());
            foreach (var session in _sessions) await session.DisposeAsync();
            foreach (var server in _servers) await server.DisposeAsync();
            await Platform.DisposeAsync();
        }
    }
}
