using System.Text.Json.Nodes;
using Notebook.Cli.Commands;
using Notebook.Grains.Policies.Catalog;
using Xunit;

namespace Notebook.Cli.Tests.Commands;

public sealed class PoliciesCommandTests
{
    [Fact]
    public void Every_policy_is_listed_with_the_names_that_programs_rely_on()
    {
        var policies = PoliciesCommand.Report(PolicyCatalog.BuiltIn)["policies"]!.AsArray();
        Assert.All(policies, p => Assert.Equal("kind name option origin default description", string.Join(' ', ((JsonObject)p!).Select(f => f.Key))));
        Assert.Equal(PolicyKinds.All.Select(k => k.Name), policies.Where(p => (bool)p!["default"]!).Select(p => (string)p!["kind"]!));
    }

    [Fact]
    public void Every_regime_is_listed_with_its_parts()
    {
        var regimes = PoliciesCommand.Report(PolicyCatalog.BuiltIn)["regimes"]!.AsArray();
        Assert.All(regimes, r => Assert.Equal("name default description replicas gpus fresh_processes policies", string.Join(' ', ((JsonObject)r!).Select(f => f.Key))));
        Assert.Equal(("notebookos", 3, "cell"), ((string)regimes[0]!["name"]!, (int)regimes[0]!["replicas"]!, (string)regimes[0]!["gpus"]!));
    }

    [Fact]
    public void What_is_wrong_with_a_folder_is_listed_too_and_the_rest_of_it_all_the_same()
    {
        var report = PoliciesCommand.Report(PolicyCatalog.Open("/no/such/folder"));
        Assert.Contains("/no/such/folder", (string)Assert.Single(report["faults"]!.AsArray())!, StringComparison.Ordinal);
        Assert.NotEmpty(report["policies"]!.AsArray());
    }
}
