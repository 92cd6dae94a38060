using Notebook.Contracts.Agents;
using Notebook.Grains;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Silo.Admin;
using Notebook.Silo.Agents;
using Notebook.Silo.Provisioning;

namespace Notebook.Silo;

/// <summary>The silo, put together.</summary>
internal static class SiloApp
{
    /// <summary>Ready to run.</summary>
    /// <exception cref="UserException">A setting cannot be used.</exception>
    public static WebApplication Build(SiloSettings settings)
    {
        var token = AdminApi.ReadToken(settings.AdminTokenFile);

        var builder = WebApplication.CreateSlimBuilder();
        builder.UseProcess(settings.Process);
        builder.AddGrainHost(settings);
        builder.Services.AddGrainPolicies(settings.Keeping, settings.Policies, settings.Limits);
        builder.Services.AddSingleton(settings.Culling).AddSingleton(settings.KernelLimits);
        builder.Services.AddAgents();
        builder.Services.AddSingleton(settings.Scaling).AddProvisioner(settings.Process.Data, settings.Provisioning);
        builder.Services.AddHostedService<StartupRecovery>();

        var app = builder.Build();
        app.UseWebSockets();
        app.MapLinks(new LinkServices(settings.Process.Self, settings.Process.Key, TimeProvider.System, app.Purposes()));
        app.MapAdmin(token);
        return app;
    }

    private static IServiceCollection AddAgents(this IServiceCollection services) => services
        .AddSingleton<AgentRegistry>()
        .AddSingleton<IAgentCommands>(s => s.GetRequiredService<AgentRegistry>())
        .AddSingleton<AgentEndpoint>();

    private static Dictionary<string, Func<Link, CancellationToken, Task>> Purposes(this WebApplication app)
    {
        var purposes = new Dictionary<string, Func<Link, CancellationToken, Task>>
        {
            [LinkPurpose.Agent] = app.Services.GetRequiredService<AgentEndpoint>().ServeAsync,
        };
        GrainHosting.AddPurposes(app.Services, purposes);
        return purposes;
    }
}
