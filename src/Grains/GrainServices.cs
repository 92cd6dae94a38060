using Microsoft.Extensions.DependencyInjection;
using Notebook.Grains.Policies;

namespace Notebook.Grains;

/// <summary>What the grains need beside their host, an <see cref="IAgentCommands"/> and a <see cref="TimeProvider"/>.</summary>
public static class GrainServices
{
    /// <summary>Adds the policies.</summary>
    public static IServiceCollection AddGrainPolicies(this IServiceCollection services) => services
        .AddSingleton<IPlacementPolicy, LeastLoadedPlacement>()
        .AddSingleton<IExecutorPolicy, StickyExecutor>();
}
