using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Contracts;
using Notebook.Contracts.Agents;
using Notebook.Grains;
using Notebook.Hosting;
using Notebook.Silo;
using Notebook.Silo.Placement;

namespace Notebook.Cluster.Tests;

/// <summary>A silo of the Orleans build in this process, with agents that take every order.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private readonly IHost _host;

    private SiloProcess(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public SiloAddress Address => _host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    internal AgentArrivals Arrivals => _host.Services.GetRequiredService<AgentArrivals>();

    public static async Task<SiloProcess> StartAsync(string name, string database, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IAgentCommands, TakesEverything>();
        builder.Services.AddGrainPolicies();
        services?.Invoke(builder.Services);
        builder.UseOrleans(silo => silo.UsePostgres(new OrleansSiloSettings(
            new OrleansCluster("test", database), name, IPAddress.Loopback, FreePort(), FreePort())));
        var host = builder.Build();
        await host.StartAsync();
        return new SiloProcess(host);
    }

    public async ValueTask<SiloAddress?> WhereAsync(IAddressable grain) =>
        await Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class TakesEverything : IAgentCommands
    {
        public bool TrySend(ServerId server, AgentCommand command) => true;

        public void Disconnect(ServerId server, string reason)
        {
        }
    }
}
