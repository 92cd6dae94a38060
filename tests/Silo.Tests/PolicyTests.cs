using System.Text.Json.Nodes;
using Notebook.Hosting;

namespace Notebook.Silo.Tests;

/// <summary>Policies that the silo's command line names.</summary>
public sealed class PolicyTests
{
    private static readonly string s_samples = Path.Combine(AppContext.BaseDirectory, "sample-policies");

    [Fact]
    public async Task A_plug_in_is_loaded_and_picked_and_the_status_says_so()
    {
        await using var silo = await SiloUnderTest.StartAsync("--policies", s_samples, "--policy", "placement=free-memory", "--standby", "warm", "--regime", "gandiva");
        using var http = silo.Http();
        var cluster = JsonNode.Parse(await http.GetStringAsync("/admin/cluster"))!;
        Assert.Equal("gandiva", (string?)cluster["regime"]);
        var policies = cluster["policies"]!.AsArray();
        Assert.Contains("""{"kind":"placement","name":"free-memory","origin":"FreeMemoryPlacement.dll","faults":0,"last_fault":null}""", policies.Select(p => p!.ToJsonString()));
        Assert.Contains("""{"kind":"standby","name":"warm","origin":"built-in","faults":0,"last_fault":null}""", policies.Select(p => p!.ToJsonString()));
    }

    [Theory]
    [InlineData("policy 'placement=best': there is no placement policy 'best'", "--policy", "placement=best")]
    [InlineData("the policy plug-ins' folder /no/such/folder cannot be read", "--policies", "/no/such/folder")]
    [InlineData("the standby policy is chosen twice, cold and warm: choose one", "--policy", "standby=cold", "--standby", "warm")]
    [InlineData("--standby tepid: it must be hot, warm or cold", "--standby", "tepid")]
    public async Task A_silo_whose_policies_cannot_be_had_does_not_start(string line, params string[] arguments)
    {
        var refusal = await Assert.ThrowsAsync<UserException>(() => SiloUnderTest.StartAsync(arguments));
        Assert.StartsWith(line, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
    }
}
