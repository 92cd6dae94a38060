namespace Notebook.Grains.Policies.Catalog;

/// <summary>One policy for each kind, in the order of <see cref="PolicyKinds.All"/>. Made by <see cref="PolicyCatalog.Plan"/>.</summary>
public sealed class PolicyPlan
{
    internal PolicyPlan(ImmutableArray<PolicyPick> picks) => Picks = picks;

    /// <summary>The policies.</summary>
    public ImmutableArray<PolicyPick> Picks { get; }
}
