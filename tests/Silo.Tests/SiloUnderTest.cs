using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notebook.Hosting;
using Notebook.Links;
using Orleans;

namespace Notebook.Silo.Tests;

/// <summary>The whole silo in this process, on a free port and a data directory of its own.</summary>
internal sealed class SiloUnderTest(string[] arguments) : IAsyncDisposable
{
    public const string Token = "operators-only";
    private readonly string _folder = Directory.CreateTempSubdirectory("notebook-silo-").FullName;
    private readonly string _key = ClusterKey.NewText();
    private readonly List<ServiceProvider> _clients = [];
    private WebApplication? _app;

    public Uri Address { get; private set; } = null!;

    public IGrainFactory Grains => _app!.Services.GetRequiredService<IGrainFactory>();

    public IClusterManagerGrain Manager => Grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key);

    /// <param name="arguments">More of the silo's command line.</param>
    public static async Task<SiloUnderTest> StartAsync(params string[] arguments)
    {
        var silo = new SiloUnderTest(arguments);
        var data = new DataDirectory(silo._folder);
        DataDirectory.WriteSecret(data.ClusterKeyFile, silo._key);
        DataDirectory.WriteSecret(data.TokenFile, Token);
        await silo.OpenAsync();
        return silo;
    }

    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public HttpClient Http(string? token = Token)
    {
        var http = new HttpClient { BaseAddress = Address };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    public async Task<Link> DialAsync(string id, string role = "agent", string purpose = LinkPurpose.Agent)
    {
        var dialer = new LinkDialer(new PeerIdentity(role, id), ClusterKey.Parse(_key, "test"), TimeProvider.System);
        return await dialer.DialAsync(WebSocketAddress, purpose, CancellationToken.None);
    }

    /// <summary>An agent that is connected and registered.</summary>
    public async Task<ScriptedAgent> AgentAsync(string id, int gpus = 2, string bootId = "boot-1")
    {
        var agent = new ScriptedAgent(await DialAsync(id), id, gpus, bootId);
        agent.Register();
        await Waiting.Until(async () => await Grains.GetGrain<IGpuServerGrain>(id).View() is { State: ServerState.Up }, $"{id} is up");
        return agent;
    }

    /// <summary>Grains as a gateway has them: over a link.</summary>
    public async Task<IGrainFactory> GatewayAsync(TaskCompletionSource connected)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
        var settings = new ProcessSettings(
            new PeerIdentity("gateway", "gateway"), new DataDirectory(_folder), ClusterKey.Parse(_key, "test"), Address, false);
        GrainClient.AddTo(services, [WebSocketAddress], settings, _ => connected.TrySetResult());
        var client = services.BuildServiceProvider();
        _clients.Add(client);
        foreach (var hosted in client.GetServices<IHostedService>()) await hosted.StartAsync(CancellationToken.None);
        return client.GetRequiredService<IGrainFactory>();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            foreach (var hosted in client.GetServices<IHostedService>()) await hosted.StopAsync(CancellationToken.None);
            await client.DisposeAsync();
        }

        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Uri WebSocketAddress => new UriBuilder(Address) { Scheme = "ws" }.Uri;

    private async Task OpenAsync()
    {
        var command = new RootCommand();
        var options = new SiloOptions(command);
        var listen = Address is null ? "127.0.0.1:0" : $"127.0.0.1:{Address.Port}";
        _app = SiloApp.Build(options.Read(command.Parse(["--data", _folder, "--listen", listen, .. arguments])));
        await _app.StartAsync();
        Address = _app.ListeningAddress();
    }

    private async Task CloseAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }
}
