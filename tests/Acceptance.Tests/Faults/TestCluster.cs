using Notebook.Rig.Faults;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>A silo, a gateway, and three GPU servers that the test kills and starts by itself.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const int Size = 3;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private TestCluster(NotebookPlatform platform, FaultyNetwork network, IReadOnlyList<GpuServer> servers) =>
        (Platform, Network, Servers) = (platform, network, servers);

    public NotebookPlatform Platform { get; }

    /// <summary>Between the servers, and between them and the silo and the gateway.</summary>
    public FaultyNetwork Network { get; }

    public IReadOnlyList<GpuServer> Servers { get; }

    /// <summary>Brings all of it up.</summary>
    public static async Task<TestCluster> StartAsync()
    {
        var platform = await NotebookPlatform.UpAsync(agents: 0);
        var silo = new UriBuilder((await platform.StatusAsync()).Process("silo").Address) { Scheme = "ws" }.Uri;
        var network = new FaultyNetwork();
        var cluster = new TestCluster(platform, network, [.. Enumerable.Range(1, Size).Select(i => Server($"agent-{i}"))]);
        await Task.WhenAll(cluster.Servers.Select(server => server.StartAsync()));
        await platform.ClusterAsync("three servers that are up", s => s.Servers.Count(v => v.State == "up") == Size, s_limit);
        return cluster;

        GpuServer Server(string id)
        {
            var port = NotebookPlatform.FreePort();
            var front = network.Front(id, new Uri($"ws://127.0.0.1:{port}/"));
            return new(platform, id, network.Front("silo", silo, dialler: id), front, port);
        }
    }

    /// <summary>Waits until each of a kernel's replicas has a process that lives.</summary>
    public Task<PlatformStatus> ReplicasUpAsync(string kernel) => Platform.ClusterAsync(
        "three replicas with processes",
        s => s.Executor(kernel) is not null && s.Kernel(kernel).Replicas.Count(r => r.Pid > 0 && Processes.Mark(r.Pid) is not null) == Size,
        s_limit);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers) await server.DisposeAsync();
        await Network.DisposeAsync();
        await Platform.DisposeAsync();
    }
}
