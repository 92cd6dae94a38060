namespace Notebook.Grains.Policies.Catalog;

/// <summary>A regime, with one policy for each kind in the order of <see cref="PolicyKinds.All"/>. Made by <see cref="PolicyCatalog.Plan"/>.</summary>
public sealed class PolicyPlan
{
    internal PolicyPlan(Regime regime, ImmutableArray<PolicyPick> picks) => (Regime, Picks) = (regime, picks);

    /// <summary>What no policy decides.</summary>
    public Regime Regime { get; }

    /// <summary>The policies.</summary>
    public ImmutableArray<PolicyPick> Picks { get; }
}
