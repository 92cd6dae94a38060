using Microsoft.Extensions.Logging;
using Notebook.Grains.Policies.Guards;

namespace Notebook.Grains.Policies.Catalog;

/// <summary>A policy that decides in this process.</summary>
/// <param name="Kind">What it decides.</param>
/// <param name="Name">Its name, with its option.</param>
/// <param name="Origin"><c>built-in</c>, or the file name of its plug-in.</param>
/// <param name="Faults">How often it failed since the process started, and the built-in default decided instead.</param>
/// <param name="LastFault">What it did the last time; null when it never failed.</param>
public sealed record PolicyInUse(string Kind, string Name, string Origin, long Faults, string? LastFault);

/// <summary>The policies that decide in this process: built-in ones as they are, those of plug-ins behind a <see cref="PolicyGuard"/>.</summary>
public sealed class PoliciesInUse
{
    private readonly ImmutableArray<(PolicyPick Pick, PolicyGuard? Guard, IPolicy Policy)> _parts;

    internal PoliciesInUse(PolicyPlan plan, GuardLimits limits, TimeProvider time, ILogger<PoliciesInUse> log)
    {
        Regime = plan.Regime;
        _parts =
        [
            .. plan.Picks.Select(pick =>
            {
                if (pick.Known.IsBuiltIn) return (pick, null, pick.Policy);
                var guard = new PolicyGuard(pick.Known, limits, time, log);
                return (pick, (PolicyGuard?)guard, pick.Known.Kind.Guarded(pick.Policy, guard));
            }),
        ];
    }

    /// <summary>The regime that they belong to.</summary>
    public Regime Regime { get; }

    /// <summary>The present state of all, in the order of <see cref="PolicyKinds.All"/>.</summary>
    public ImmutableArray<PolicyInUse> View =>
    [
        .. _parts.Select(part =>
        {
            var (faults, last) = part.Guard?.Faults ?? default;
            return new PolicyInUse(part.Pick.Known.Kind.Name, part.Pick.Text, part.Pick.Known.Origin, faults, last);
        }),
    ];

    /// <summary>Who decides.</summary>
    internal IPolicy Of(PolicyKind kind) => _parts.First(part => part.Pick.Known.Kind == kind).Policy;
}
