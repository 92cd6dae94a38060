using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Regimes;

namespace Notebook.Grains.Tests.Regimes;

public sealed class RegimeTests
{
    [Fact]
    public void Every_regime_names_parts_that_there_are()
    {
        foreach (var regime in KnownRegimes.All)
        {
            var plan = PolicyCatalog.BuiltIn.Plan([], regime.Name);
            Assert.Same(regime, plan.Regime);
            Assert.All(regime.Policies, part => Assert.Contains(part, plan.Picks.Select(p => $"{p.Known.Kind}={p.Text}")));
            Assert.NotEmpty(regime.Description);
        }

        Assert.Equal(KnownRegimes.All.Length, KnownRegimes.All.DistinctBy(r => r.Name).Count());
    }

    [Fact]
    public void The_platforms_own_regime_is_what_there_is_when_nobody_chooses()
    {
        var plan = PolicyCatalog.BuiltIn.Plan([]);
        Assert.Same(KnownRegimes.NotebookOs, plan.Regime);
        Assert.All(plan.Picks, p => Assert.True(p.Known.IsDefault));
        Assert.Equal(3, plan.Regime.ReplicasPerKernel);
    }

    [Fact]
    public void An_operators_own_choice_goes_before_the_regimes()
    {
        var plan = PolicyCatalog.BuiltIn.Plan(["queue=fair"], "reservation");
        Assert.Equal("fair", plan.Picks.Single(p => p.Known.Kind == PolicyKinds.Queue).Text);
        Assert.Equal("none", plan.Picks.Single(p => p.Known.Kind == PolicyKinds.Migration).Text);
    }

    [Fact]
    public void A_regime_that_there_is_not_is_refused_in_one_line() => Assert.StartsWith(
        "there is no regime 'chaos', there are notebookos, reservation",
        Assert.Throws<PolicyException>(() => PolicyCatalog.BuiltIn.Plan([], "chaos")).Message, StringComparison.Ordinal);

    [Fact]
    public void All_regimes_place_by_the_same_order_so_that_they_can_be_compared() => Assert.All(
        KnownRegimes.All.Where(r => r != KnownRegimes.Gandiva), r => Assert.Contains("placement=least-loaded", r.Policies));
}
