using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notebook.Gateway.Clients;
using Notebook.Gateway.Cluster;
using Notebook.Gateway.Kernels;
using Notebook.Hosting;
using Notebook.Links;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>A gateway in this process before fake grains and one fake agent.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Token = "test-token-0123";
    private readonly WebApplication _app;
    private readonly bool _ownsAgent;

    private TestGateway(WebApplication app, FakeCluster cluster, FakeAgent agent, bool ownsAgent, RecordedLogs logs)
    {
        (_app, Cluster, Agent, _ownsAgent, Logs) = (app, cluster, agent, ownsAgent, logs);
        Http = new HttpClient { BaseAddress = app.ListeningAddress() };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", Token);
    }

    public FakeCluster Cluster { get; }

    public FakeAgent Agent { get; }

    public HttpClient Http { get; }

    /// <summary>What it has logged.</summary>
    public RecordedLogs Logs { get; }

    public GatewayCounters Counters => _app.Services.GetRequiredService<GatewayCounters>();

    public static async Task<TestGateway> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null, FakeCluster? cluster = null, FakeAgent? agent = null)
    {
        cluster ??= new FakeCluster();
        var folder = Path.Combine(Path.GetTempPath(), $"nb-gateway-{Guid.NewGuid():N}");
        var options = new GatewayOptions { Token = Token, ConnectionsFolder = Path.Combine(folder, "connections"), OutputsFolder = Path.Combine(folder, "outputs") };
        var builder = WebApplication.CreateSlimBuilder();
        var logs = new RecordedLogs();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IKernelDirectory>(cluster);
        builder.Services.AddGateway(change?.Invoke(options) ?? options, new PeerIdentity("gateway", "test"), ClusterKey.Parse(FakeAgent.KeyText, "the test"));
        var app = builder.Build();
        app.MapGateway();
        await app.StartAsync();
        return new TestGateway(app, cluster, agent ?? await FakeAgent.StartAsync(), agent is null, logs);
    }

    /// <summary>A kernel whose executor is at the fake agent.</summary>
    public FakeKernel RunningKernel()
    {
        var kernel = Cluster.Add();
        kernel.Run(Agent);
        return kernel;
    }

    /// <summary>A client that hears what is said from now on: a socket is open before the kernel knows of it.</summary>
    public async Task<JupyterClient> ConnectAsync(FakeKernel kernel, bool v1 = true, string? session = null, string more = "")
    {
        var before = ConnectionsOf(kernel);
        var client = await JupyterClient.ConnectAsync(Http.BaseAddress!, kernel.Id.Value, v1, session ?? Guid.NewGuid().ToString("N"), more: more);
        await Waiting.Until(() => ConnectionsOf(kernel) > before, "the kernel has the client");
        return client;
    }

    /// <summary>Serves a client whose connection is not a real one, until it is gone.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="session">The client's session.</param>
    /// <param name="under">What would lie under the connection; null for nothing to look at.</param>
    public async Task ServeAsync(FakeKernel kernel, WebSocket connection, string session, Socket? under = null)
    {
        var hub = await _app.Services.GetRequiredService<KernelHubs>().OpenAsync(kernel.Id);
        var socket = new ClientSocket(hub!, connection, under, null, _app.Services.GetRequiredService<GatewayOptions>(), Counters, TimeProvider.System);
        socket.Sessions.Add(session);
        Assert.True(hub!.TryJoin(socket));
        await socket.RunAsync(CancellationToken.None);
        hub.Leave(socket);
    }

    /// <summary>What it serves: methods and path of each route.</summary>
    public IEnumerable<string> Routes =>
        from endpoint in _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}";

    /// <summary>How many clients of the kernel this gateway has.</summary>
    public int ConnectionsOf(FakeKernel kernel) => _app.Services.GetRequiredService<KernelHubs>().ConnectionsOf(kernel.Id);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        if (_ownsAgent) await Agent.DisposeAsync();
    }
}
