using Notebook.Grains.Policies;
using Notebook.Grains.Policies.Catalog;

namespace Notebook.Grains.Tests.Policies;

public sealed class PolicyCatalogTests
{
    [Fact]
    public void Who_chooses_nothing_gets_the_default_of_each_kind()
    {
        var plan = PolicyCatalog.BuiltIn.Plan([]);
        Assert.Equal(PolicyKinds.All, plan.Picks.Select(p => p.Known.Kind));
        Assert.All(plan.Picks, p => Assert.True(p.Known.IsDefault));
    }

    [Fact]
    public void A_choice_changes_its_kind_alone()
    {
        var plan = PolicyCatalog.BuiltIn.Plan(["standby=cold"]);
        Assert.Equal("cold", plan.Picks.Single(p => !p.Known.IsDefault).Text);
        Assert.Equal(StandbyMode.Cold, Assert.IsType<ChosenStandby>(plan.Picks.Single(p => p.Known.Kind == PolicyKinds.Standby).Policy)
            .Choose(new StandbyKernel(new KernelId("k"), null, 3)).Mode);
    }

    [Theory]
    [InlineData("least-loaded", "policy 'least-loaded': it must be KIND=NAME, such as placement=least-loaded")]
    [InlineData("colour=red", "policy 'colour=red': there is no kind 'colour', there are placement, executor")]
    [InlineData("standby=tepid", "policy 'standby=tepid': there is no standby policy 'tepid', there are hot, warm, cold")]
    [InlineData("standby=", "policy 'standby=': there is no standby policy '', there are hot, warm, cold")]
    [InlineData("prewarm=fixed", "policy 'prewarm=fixed': it must be prewarm=fixed:N")]
    [InlineData("prewarm=fixed:many", "policy 'prewarm=fixed:many': it must be agent, fixed:N, minimum:N or littles-law")]
    [InlineData("reclaim=idle", "policy 'reclaim=idle': it must be reclaim=idle:TIME")]
    [InlineData("reclaim=idle:0s", "policy 'reclaim=idle:0s': it must be none or idle:TIME, such as idle:30m")]
    [InlineData("prewarm=sometimes", "policy 'prewarm=sometimes': there is no prewarm policy 'sometimes', there are agent, fixed:N, minimum:N, littles-law")]
    [InlineData("standby=cold:3", "policy 'standby=cold:3': cold takes no option, leave ':3' out")]
    public void A_choice_that_cannot_be_met_is_refused_in_one_line_that_says_what_there_is(string choice, string line) =>
        Assert.StartsWith(line, Assert.Throws<PolicyException>(() => PolicyCatalog.BuiltIn.Plan([choice])).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_choices_for_one_kind_are_refused() => Assert.Equal(
        "the standby policy is chosen twice, warm and cold: choose one",
        Assert.Throws<PolicyException>(() => PolicyCatalog.BuiltIn.Plan(["standby=warm", "standby=cold"])).Message);

    [Fact]
    public void Every_built_in_policy_bears_the_name_by_which_it_is_picked_and_says_what_it_does()
    {
        foreach (var known in PolicyCatalog.BuiltIn.All)
        {
            var policy = known.Make(known.Option switch { null => null, "TIME" => "5m", "MINUTES,GPUS" => "20,8", _ => "5" });
            Assert.Equal(known.Name, policy.Name);
            Assert.NotEmpty(known.Description);
            Assert.True(known.Kind.Contract.IsInstanceOfType(policy));
        }
    }

    [Fact]
    public void Every_policy_interface_of_the_contracts_has_a_kind() => Assert.Equal(
        typeof(IPolicy).Assembly.GetExportedTypes().Where(t => t.IsInterface && t != typeof(IPolicy) && t.Namespace == typeof(IPolicy).Namespace).ToHashSet(),
        PolicyKinds.All.Select(k => k.Contract).ToHashSet());
}
