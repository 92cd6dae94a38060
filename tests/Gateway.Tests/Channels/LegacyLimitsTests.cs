using Notebook.Gateway.Clients;

namespace Notebook.Gateway.Tests.Channels;

public sealed class LegacyLimitsTests
{
    private const long NineMiB = 9 << 20;

    [Theory]
    [InlineData("Tornado/6.2", false, NineMiB)]      // jupyter server --gateway-url
    [InlineData("Tornado/6.2", true, 0)]             // a page says who it is by its origin, whatever else it says
    [InlineData("Mozilla/5.0", true, 0)]
    [InlineData("Python/3.11 websockets/12.0", false, 0)]
    [InlineData(null, false, 0)]
    public void Who_says_nothing_is_known_by_its_kind(string? agent, bool hasOrigin, long displays)
    {
        Assert.Null(LegacyLimits.TryFind(null, null, agent, hasOrigin, out var limits));
        Assert.Equal(new LegacyLimits(NineMiB, displays), limits);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000_000)]
    public void What_the_operator_says_counts_more(long configured)
    {
        Assert.Null(LegacyLimits.TryFind(null, configured, "Tornado/6.2", hasOrigin: false, out var limits));
        Assert.Equal(new LegacyLimits(NineMiB, configured), limits);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("65536", 65536)]
    [InlineData("50000000", 50_000_000)]
    public void What_the_client_says_counts_most(string said, long bytes)
    {
        Assert.Null(LegacyLimits.TryFind(said, 1, "Tornado/6.2", hasOrigin: false, out var limits));
        Assert.Equal(new LegacyLimits(bytes, bytes), limits);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1000")]
    [InlineData("99999999999999999999")]
    public void What_is_no_size_is_refused(string said) =>
        Assert.Contains("max_message", LegacyLimits.TryFind(said, null, null, hasOrigin: false, out _), StringComparison.Ordinal);
}
