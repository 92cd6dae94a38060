using Notebook.Gateway.Agents;
using Notebook.Gateway.Cluster;
using Notebook.Gateway.Doors;
using Notebook.Gateway.Http;
using Notebook.Gateway.Kernels;
using Notebook.Gateway.Outputs;
using Notebook.Links;

namespace Notebook.Gateway;

/// <summary>The gateway, put together. The caller brings clock, logs and an <see cref="IKernelDirectory"/>.</summary>
internal static class GatewayApp
{
    public static void AddGateway(this IServiceCollection services, GatewayOptions options, PeerIdentity self, ClusterKey key)
    {
        services.AddSingleton(options);
        services.AddSingleton<GatewayCounters>();
        services.AddSingleton<ControlPlane>();
        services.AddSingleton(s => new LinkDialer(self, key, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AgentLinks>();
        services.AddSingleton<OpenPorts>();
        services.AddSingleton<HubServices>();
        services.AddSingleton<KernelHubs>();
        services.AddHostedService(s => s.GetRequiredService<KernelHubs>());
        services.AddSingleton<ZmqDoors>();
        services.AddHostedService(s => s.GetRequiredService<ZmqDoors>());
        services.AddSingleton<RequestBodies>();
        services.AddSingleton<KeptOutputs>();
        services.AddSingleton<KernelsApi>().AddSingleton<SessionsApi>().AddSingleton<ConnectApi>().AddSingleton<OutputsApi>().AddSingleton<KernelSpecsApi>().AddSingleton<ChannelsApi>().AddSingleton<ServerApi>();
    }

    public static void MapGateway(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<GatewayOptions>();
        var counters = app.Services.GetRequiredService<GatewayCounters>();
        app.CountRefusals(counters);
        app.UseJupyterErrors();
        app.UseBaseUrl(options.BaseUrl);
        app.UseWebSockets();
        app.UseOrigins(new Origins(options.AllowOrigins, options.AllowOriginPattern), counters);
        app.UseToken(options, counters);
        app.UseRouting();
        app.UseIds();
        ServerApi.Map(app);
        KernelSpecsApi.Map(app);
        KernelsApi.Map(app);
        SessionsApi.Map(app);
        ChannelsApi.Map(app);
        ConnectApi.Map(app);
        OutputsApi.Map(app);

        // Before the server starts to drain: it waits for open WebSockets, and they would close with a code after
        // which JupyterLab does not come back.
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<KernelHubs>().CloseAll);
    }
}
