using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Agent.Peers;
using Notebook.Agent.Replicas;
using Notebook.Agent.State;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Bench.Replication;

/// <summary>What of an agent keeps kernels' logs: the real store, Raft runtime, listener and links; no silo and no kernel processes.</summary>
internal sealed class LogAgent : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly PeerLinks _links;
    private readonly ReplicaPeers _peers;
    private readonly KernelLogs _logs;

    private LogAgent(WebApplication app, PeerLinks links, KernelLogs logs, string server)
    {
        (_app, _links, _logs, Server) = (app, links, logs, server);
        _peers = new ReplicaPeers(server, links.Want, links.Release);
    }

    public string Server { get; }

    public string Address => new UriBuilder(_app.ListeningAddress()) { Scheme = "ws" }.Uri.ToString();

    public static async Task<LogAgent> StartAsync(string server, DataDirectory data, ClusterKey key)
    {
        var self = new PeerIdentity(PeerRules.Role, server);
        var links = new PeerLinks(self, new PeerDialer(new LinkDialer(self, key, TimeProvider.System)), TimeProvider.System, NullLogger<PeerLinks>.Instance);
        var settings = new ProcessSettings(self, data, key, new Uri("http://127.0.0.1:0/"), false);
        var logs = new KernelLogs(settings, new StateOptions(), links, TimeProvider.System, NullLogger.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(settings.Listen.ToString());
        var app = builder.Build();
        app.UseWebSockets();
        var services = new Dictionary<string, Func<Link, CancellationToken, Task>> { [LinkPurpose.Peer] = links.ServeAsync };
        app.MapLinks(new LinkServices(self, key, TimeProvider.System, services) { FaultOf = (peer, _) => PeerRules.FaultOf(self, peer) });
        await app.StartAsync();
        return new(app, links, logs, server);
    }

    /// <summary>Opens one replica's log, as an order of the silo does.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="number">The replica's number.</param>
    /// <param name="peers">All three replicas.</param>
    public KernelLog Open(string kernel, int number, IEnumerable<Peer> peers)
    {
        var order = new StartReplica { Kernel = kernel, Replica = $"{kernel}/{number}", Incarnation = 1 };
        order.Peers.AddRange(peers);
        order.Founders.AddRange([1, 2, 3]);
        _peers.Set(order.Replica, order.Peers);
        var (log, fault) = _logs.Open(order, _peers);
        return log ?? throw new InvalidOperationException($"the log of {order.Replica} did not open: {fault}");
    }

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        await _logs.DisposeAsync();
        await _app.DisposeAsync();
    }
}
