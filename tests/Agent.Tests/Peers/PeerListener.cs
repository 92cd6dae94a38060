using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Agent.Peers;
using Notebook.Hosting;
using Notebook.Links;

namespace Notebook.Agent.Tests.Peers;

/// <summary>Where an agent takes links of other agents.</summary>
internal sealed class PeerListener : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PeerListener(WebApplication app) => _app = app;

    public Uri Address => new UriBuilder(_app.ListeningAddress()) { Scheme = "ws" }.Uri;

    public static async Task<PeerListener> StartAsync(
        PeerIdentity self, ClusterKey key, LogLines log, Func<Link, CancellationToken, Task> serve, Uri? at = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseUrls(at is null ? "http://127.0.0.1:0" : $"http://{at.Authority}");
        var app = builder.Build();
        app.UseWebSockets();
        var services = new Dictionary<string, Func<Link, CancellationToken, Task>> { [LinkPurpose.Peer] = serve };
        app.MapLinks(new LinkServices(self, key, TimeProvider.System, services) { FaultOf = (peer, _) => PeerRules.FaultOf(self, peer) });
        await app.StartAsync();
        return new(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
