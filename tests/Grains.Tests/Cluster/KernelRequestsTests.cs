using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

public sealed class KernelRequestsTests
{
    private static readonly KernelRequest s_good =
        new(null, "python3", "default", ImmutableDictionary<string, string>.Empty, null, null);

    [Fact]
    public void A_plain_request_is_fine() => Assert.Null(s_good.Fault());

    [Theory]
    [InlineData("not-a-guid")]
    [InlineData("6F9619FF-8B86-D011-B42D-00C04FC964FF")]
    [InlineData("../../../etc/passwd")]
    public void An_id_must_be_a_lower_case_guid(string id) =>
        Assert.Contains("no lower-case GUID", (s_good with { Kernel = new KernelId(id) }).Fault(), StringComparison.Ordinal);

    [Fact]
    public void Long_names_and_large_environments_are_refused()
    {
        Assert.NotNull((s_good with { SpecName = new string('x', 300) }).Fault());
        Assert.NotNull((s_good with { User = new string('x', 300) }).Fault());
        Assert.NotNull((s_good with { Environment = s_good.Environment.Add("A", new string('x', 70_000)) }).Fault());
        Assert.NotNull((s_good with { Resources = new ResourceRequest(-1) }).Fault());
        Assert.NotNull((s_good with { Keeping = new KeepingRequest((Durability)7, null) }).Fault());
        Assert.NotNull((s_good with { Keeping = new KeepingRequest(null, (StandbyMode)7) }).Fault());
    }
}
