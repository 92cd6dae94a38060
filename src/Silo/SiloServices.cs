using Notebook.Contracts.Agents;
using Notebook.Links;
using Notebook.Silo.Agents;

namespace Notebook.Silo;

/// <summary>What the silo is put together from.</summary>
internal static class SiloServices
{
    /// <summary>Adds the agents' side.</summary>
    public static IServiceCollection AddAgents(this IServiceCollection services) => services
        .AddSingleton<AgentRegistry>()
        .AddSingleton<IAgentCommands>(s => s.GetRequiredService<AgentRegistry>())
        .AddSingleton<AgentEndpoint>();

    /// <summary>What the silo serves to whom.</summary>
    public static IReadOnlyDictionary<string, Func<Link, CancellationToken, Task>> Purposes(this WebApplication app)
    {
        var purposes = new Dictionary<string, Func<Link, CancellationToken, Task>>
        {
            [LinkPurpose.Agent] = app.Services.GetRequiredService<AgentEndpoint>().ServeAsync,
        };
        GrainHosting.AddPurposes(app.Services, purposes);
        return purposes;
    }
}
