using Microsoft.AspNetCore.Hosting.Server;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Provisioning;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Silo.Provisioning;

/// <summary>Adds the provisioner that was chosen.</summary>
internal static class ProvisioningServices
{
    /// <summary>Adds it.</summary>
    public static IServiceCollection AddProvisioner(this IServiceCollection services, DataDirectory data, ProvisioningSettings settings)
    {
        services.AddSingleton(settings).AddSingleton(s => new SiloLocation(s.GetRequiredService<IServer>().ListeningAddress));
        return settings.Provisioner switch
        {
            "process" => services
                .AddSingleton(data)
                .AddSingleton(Launch(settings))
                .AddSingleton<ProcessProvisioner>()
                .AddSingleton<IServerProvisioner>(s => s.GetRequiredService<ProcessProvisioner>())
                .AddHostedService(s => s.GetRequiredService<ProcessProvisioner>()),
            "command" => services.AddSingleton<IServerProvisioner, CommandProvisioner>(),
            _ => services.AddSingleton<IServerProvisioner, NoProvisioner>(),
        };
    }

    /// <summary>The agent was built beside this program: <c>artifacts/bin/Agent/release</c> beside <c>artifacts/bin/Silo/release</c>.</summary>
    private static AgentLaunch Launch(ProvisioningSettings settings)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var agent = Path.Combine(here.Parent?.Parent?.FullName ?? here.FullName, "Agent", here.Name, "Notebook.Agent.dll");
        if (!File.Exists(agent))
            throw new UserException($"--provisioner process: there is no agent to start at {agent}: build it, or use --provision-command", ExitCodes.Usage);
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return new AgentLaunch(host, agent, settings.AgentOptions);
    }
}
