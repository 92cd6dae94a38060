using Notebook.Agent.Replicas;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Replicas;

public sealed class StandbyRulesTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(StandbyMode.StandbyHot)]
    [InlineData(StandbyMode.StandbyWarm)]
    [InlineData(StandbyMode.StandbyCold)]
    public void Who_is_not_needed_does_as_it_was_told(StandbyMode told)
    {
        Assert.Equal(told, Wanted(told));
        Assert.Equal(told, Wanted(told, unused: s_patience));
    }

    [Theory]
    [InlineData(true, false, false, null)]
    [InlineData(false, true, false, null)]
    [InlineData(false, false, true, null)]
    [InlineData(false, false, false, 29)]
    public void Who_is_needed_or_was_a_moment_ago_is_hot(bool isExecutor, bool isBusy, bool isLogLong, int? unused) => Assert.Equal(
        StandbyMode.StandbyHot,
        Wanted(StandbyMode.StandbyCold, isExecutor, isBusy, isLogLong, unused is { } seconds ? TimeSpan.FromSeconds(seconds) : null));

    private static StandbyMode Wanted(
        StandbyMode told, bool isExecutor = false, bool isBusy = false, bool isLogLong = false, TimeSpan? unused = null) =>
        StandbyRules.Wanted(told, isExecutor, isBusy, isLogLong, unused, s_patience);
}
