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

    [Theory]
    [InlineData(StandbyMode.StandbyHot, false)]
    [InlineData(StandbyMode.StandbyHot, true)]
    [InlineData(StandbyMode.StandbyWarm, false)]
    [InlineData(StandbyMode.StandbyWarm, true)]
    public void A_reclaimed_kernels_replicas_are_cold_the_executor_too(StandbyMode told, bool isExecutor) =>
        Assert.Equal(StandbyMode.StandbyCold, Wanted(told, isExecutor, isReclaimed: true, unused: s_patience));

    [Theory]
    [InlineData(false, true, false, null)]
    [InlineData(false, false, true, null)]
    [InlineData(false, false, false, 29)]
    [InlineData(true, true, false, null)]
    [InlineData(true, false, false, 0)]
    public void A_reclaimed_kernels_replica_that_is_used_is_hot(bool isExecutor, bool isBusy, bool isLogLong, int? unused) => Assert.Equal(
        StandbyMode.StandbyHot,
        Wanted(StandbyMode.StandbyCold, isExecutor, isBusy, isLogLong, unused is { } seconds ? TimeSpan.FromSeconds(seconds) : null, isReclaimed: true));

    [Fact]
    public void What_the_executors_process_alone_has_outlives_a_reclaim_and_what_a_standbys_has_does_not()
    {
        Assert.Equal(StandbyMode.StandbyHot, Wanted(StandbyMode.StandbyCold, isExecutor: true, isReclaimed: true, isHeld: true));
        Assert.Equal(StandbyMode.StandbyCold, Wanted(StandbyMode.StandbyHot, isExecutor: false, isReclaimed: true, isHeld: true));
        Assert.Equal(StandbyMode.StandbyCold, Wanted(StandbyMode.StandbyCold, isExecutor: false, isHeld: true));
    }

    [Theory]
    [InlineData(false, false, false, 0, StandbyMode.StandbyCold)]
    [InlineData(true, false, false, 0, StandbyMode.StandbyCold)]
    [InlineData(true, true, false, 0, StandbyMode.StandbyHot)]
    [InlineData(true, false, true, 0, StandbyMode.StandbyHot)]
    public void Where_each_cell_has_a_process_of_its_own_none_stays_longer_than_it_is_needed(
        bool isExecutor, bool isBusy, bool isLogLong, int unused, StandbyMode expected) => Assert.Equal(
        expected, Wanted(StandbyMode.StandbyHot, isExecutor, isBusy, isLogLong, TimeSpan.FromSeconds(unused), isFresh: true));

    [Fact]
    public void What_a_cells_own_process_alone_has_keeps_it() =>
        Assert.Equal(StandbyMode.StandbyHot, Wanted(StandbyMode.StandbyCold, isExecutor: true, isFresh: true, isHeld: true));

    private static StandbyMode Wanted(
        StandbyMode told, bool isExecutor = false, bool isBusy = false, bool isLogLong = false, TimeSpan? unused = null,
        bool isReclaimed = false, bool isHeld = false, bool isFresh = false) =>
        StandbyRules.Wanted(told, isFresh, isReclaimed, isExecutor, isHeld, isBusy, isLogLong, unused, s_patience);
}
