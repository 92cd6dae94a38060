using Microsoft.Extensions.DependencyInjection;
using Notebook.Grains.Policies;
using Notebook.Grains.Cluster;

namespace Notebook.Grains;

/// <summary>What the grains need beside their host, an <see cref="IAgentCommands"/> and a <see cref="TimeProvider"/>.</summary>
public static class GrainServices
{
    /// <summary>Adds the policies.</summary>
    /// <param name="services">To these.</param>
    /// <param name="keeping">How the state is kept of kernels that ask for nothing themselves; null for <c>state</c> and <c>hot</c>.</param>
    /// <param name="prewarm">How many processes the servers keep warm; null for as many as their agents were started with.</param>
    /// <param name="limits">How far resources may be promised more than once; null for <see cref="SubscriptionLimits.Default"/>.</param>
    public static IServiceCollection AddGrainPolicies(
        this IServiceCollection services, Keeping? keeping = null, IPrewarmPolicy? prewarm = null, SubscriptionLimits? limits = null)
    {
        keeping ??= new Keeping(Durability.State, StandbyMode.Hot);
        return services
            .AddSingleton(keeping)
            .AddSingleton(limits ?? SubscriptionLimits.Default)
            .AddSingleton<IPlacementPolicy, LeastLoadedPlacement>()
            .AddSingleton<IExecutorPolicy, StickyExecutor>()
            .AddSingleton<IQueuePolicy, FairQueue>()
            .AddSingleton<IMigrationPolicy, CheapestMove>()
            .AddSingleton<IStandbyPolicy>(new ChosenStandby(keeping.Standby))
            .AddSingleton(prewarm ?? new AgentPool());
    }
}
