using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Cluster;
using Notebook.Grains.Kernels;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Policies.Guards;
using Notebook.Grains.Provisioning;
using Notebook.Grains.Scaling;

namespace Notebook.Grains;

/// <summary>What the grains need beside their host, an <see cref="IAgentCommands"/>, a <see cref="TimeProvider"/> and a log.</summary>
public static class GrainServices
{
    /// <summary>Adds the policies. The number of servers is left alone unless a provisioner and other <see cref="ScalingSettings"/> follow, and so are kernels unless other <see cref="CullSettings"/> and <see cref="KernelLimits"/> do.</summary>
    /// <param name="services">To these.</param>
    /// <param name="keeping">How the state is kept of kernels that ask for nothing themselves; null for <c>state</c> and <c>hot</c>.</param>
    /// <param name="plan">Who decides what; null for the defaults, and for standbys what <paramref name="keeping"/> says.</param>
    /// <param name="limits">How far resources may be promised more than once; null for <see cref="SubscriptionLimits.Default"/>.</param>
    /// <exception cref="ArgumentException">The limits are out of range.</exception>
    public static IServiceCollection AddGrainPolicies(
        this IServiceCollection services, Keeping? keeping = null, PolicyPlan? plan = null, SubscriptionLimits? limits = null)
    {
        if (limits?.Fault is { } fault) throw new ArgumentException(fault, nameof(limits));
        keeping ??= new Keeping(Durability.State, StandbyMode.Hot);
        plan ??= PolicyCatalog.BuiltIn.Plan(PolicyKinds.Standby.Chosen(KeepingWords.Of(keeping.Standby)));
        services.AddSingleton(keeping).AddSingleton(plan.Regime).AddSingleton(limits ?? SubscriptionLimits.Default);
        services.AddSingleton(CullSettings.Default).AddSingleton(KernelLimits.Default);
        services.AddSingleton(new ScalingSettings()).AddSingleton<IServerProvisioner, NoProvisioner>();
        services.AddSingleton(provider => new PoliciesInUse(
            plan, GuardLimits.Default, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PoliciesInUse>>()));
        foreach (var kind in PolicyKinds.All) kind.AddTo(services);
        return services;
    }
}
