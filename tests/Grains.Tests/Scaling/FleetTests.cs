using Notebook.Contracts.Provisioning;
using Notebook.Grains.Scaling;

namespace Notebook.Grains.Tests.Scaling;

public sealed class FleetTests
{
    private static readonly ScalingSettings s_settings = new() { Maximum = 6, GpusPerServer = 8 };
    private readonly Dictionary<ServerId, ServerFacts> _facts = [];
    private DateTimeOffset _now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private Fleet _fleet = new(new FleetRecord(), s_settings);

    [Fact]
    public void A_wanted_server_is_added_arrives_and_serves()
    {
        Assert.Empty(Grow(1));
        Assert.Equal(OwnServerPhase.Adding, Phase("scaled-1"));
        Ended("scaled-1", AddOf("scaled-1"));
        Assert.Equal(OwnServerPhase.Arriving, Phase("scaled-1"));
        Up("scaled-1");
        Assert.Equal(OwnServerPhase.Up, Phase("scaled-1"));
        Assert.Empty(Due());
    }

    [Fact]
    public void One_that_connects_before_the_provisioner_says_so_serves_and_its_word_comes_too_late()
    {
        Grow(1);
        var operation = AddOf("scaled-1");
        Up("scaled-1");
        Ended("scaled-1", operation, "too late");
        Assert.Equal((OwnServerPhase.Up, 0), (Phase("scaled-1"), _fleet.Record.Failures));
    }

    [Fact]
    public void Names_are_the_lowest_that_nobody_has()
    {
        _facts[new("scaled-2")] = new(true, true, false, false);
        Grow(2);
        Assert.Equal(["scaled-1", "scaled-3"], _fleet.Servers.Select(s => s.Server.Value));
    }

    [Fact]
    public void There_are_never_more_than_the_maximum_those_of_others_and_those_that_leave_included()
    {
        Grow(9, others: 2);
        Assert.Equal(4, _fleet.Servers.Length);
        _fleet.Shrink([new("scaled-1")], _now);
        Grow(1, others: 2);
        Assert.Equal(4, _fleet.Servers.Length);
    }

    [Fact]
    public void A_failed_attempt_is_tried_again_after_growing_pauses_and_is_told()
    {
        Grow(1);
        foreach (var pause in (int[])[5, 10, 20, 40, 80, 160, 300, 300])
        {
            Ended("scaled-1", AddOf("scaled-1"), "no quota");
            Pass(pause - 1);
            Assert.Empty(Due());
            Pass(1);
        }

        Assert.Equal(8, _fleet.Record.Failures);
        Assert.Equal("no quota (attempt 8, the next in 300 s)", _fleet.Record.Faults[^1].Reason);
        Assert.Equal(8, _fleet.Find(new("scaled-1"))!.Failures);
        for (var i = 0; i < 5; i++)
        {
            Ended("scaled-1", AddOf("scaled-1"), "no quota");
            Pass(300);
        }

        Assert.Equal(Fleet.FaultsKept, _fleet.Record.Faults.Length);
    }

    [Fact]
    public void No_operation_waits_for_another()
    {
        Grow(3);
        var steps = Due();
        Assert.Equal(3, steps.Length);
        Ended("scaled-2", OperationOf(steps, "scaled-2"));
        Ended("scaled-3", OperationOf(steps, "scaled-3"), "no");
        Assert.Equal((OwnServerPhase.Adding, OwnServerPhase.Arriving), (Phase("scaled-1"), Phase("scaled-2")));
        Pass(5);
        Assert.Equal("scaled-3", Assert.IsType<FleetStep.Operate>(Assert.Single(Due())).Server.Value);
    }

    [Fact]
    public void An_operation_of_which_nothing_is_heard_has_failed()
    {
        Grow(1);
        var lost = AddOf("scaled-1");
        Pass(149);
        Assert.Empty(_fleet.Record.Faults);
        Pass(1);
        Assert.Contains("nothing was heard", _fleet.Record.Faults.Single().Reason, StringComparison.Ordinal);
        Pass(5);
        Assert.NotEqual(lost, AddOf("scaled-1"));
        Ended("scaled-1", lost);   // after all, when another is under way
        Assert.Equal(OwnServerPhase.Adding, Phase("scaled-1"));
    }

    [Fact]
    public void One_that_never_connects_is_removed_again_and_new_ones_are_asked_for_after_growing_pauses()
    {
        foreach (var pause in (int[])[30, 60, 120])
        {
            Grow(1);
            Ended("scaled-1", AddOf("scaled-1"));
            Pass(119);
            Assert.Equal(OwnServerPhase.Arriving, Phase("scaled-1"));
            Pass(1);
            Assert.Equal(OwnServerPhase.Removing, Phase("scaled-1"));
            Assert.Equal("it did not connect within 120 s after it was added, and is removed again", _fleet.Record.Faults[^1].Reason);
            Assert.True(Ended("scaled-1", RemovalOf("scaled-1")));
            Assert.Empty(_fleet.Servers);
            Pass(pause - 1);
            Grow(1);
            Assert.Empty(_fleet.Servers);
            Pass(1);
        }

        Grow(1);
        Ended("scaled-1", AddOf("scaled-1"));
        Up("scaled-1");
        Assert.Equal(0, _fleet.Record.NoShows);
        Grow(1);
        Assert.Equal(2, _fleet.Servers.Length);
    }

    [Fact]
    public void One_that_is_not_wanted_is_emptied_and_only_then_removed()
    {
        Serving("scaled-1");
        _facts[new("scaled-1")] = new(true, true, false, IsEmpty: false);
        _fleet.Shrink([new("scaled-1")], _now);
        Assert.Equal(new FleetStep.Drain(new("scaled-1")), Assert.Single(Due()));
        _facts[new("scaled-1")] = new(true, true, IsDraining: true, IsEmpty: false);
        Pass(600);
        Assert.Empty(Due());
        _facts[new("scaled-1")] = new(true, true, IsDraining: true, IsEmpty: true);
        Pass(0);
        Assert.True(Ended("scaled-1", RemovalOf("scaled-1")));
    }

    [Fact]
    public void One_that_is_being_emptied_stays_when_it_is_wanted_again()
    {
        Serving("scaled-1");
        _fleet.Shrink([new("scaled-1")], _now);
        Assert.Equal([new ServerId("scaled-1")], Grow(2).ToArray());
        Assert.Equal((OwnServerPhase.Up, OwnServerPhase.Adding), (Phase("scaled-1"), Phase("scaled-2")));
        Assert.Equal(2, _fleet.Servers.Length);
    }

    [Fact]
    public void One_on_its_way_that_is_not_wanted_any_more_is_removed_and_its_operation_forgotten()
    {
        Grow(1);
        var adding = AddOf("scaled-1");
        _fleet.Shrink([new("scaled-1")], _now);
        var removal = RemovalOf("scaled-1");
        Assert.False(Ended("scaled-1", adding));
        Assert.True(Ended("scaled-1", removal));
    }

    [Fact]
    public void A_removal_that_fails_is_tried_again_and_the_server_takes_nothing_new_meanwhile()
    {
        Grow(1);
        Due();
        _fleet.Shrink([new("scaled-1")], _now);
        Ended("scaled-1", RemovalOf("scaled-1"), "locked");
        _facts[new("scaled-1")] = new(true, IsUp: true, IsDraining: false, IsEmpty: true);   // and it connects all the same
        Pass(5);
        var steps = Due();
        Assert.Contains(new FleetStep.Drain(new("scaled-1")), steps);
        Assert.False(Assert.Single(steps.OfType<FleetStep.Operate>()).Add);
    }

    [Fact]
    public void A_lost_server_gets_time_to_come_back_and_is_asked_for_then()
    {
        Serving("scaled-1");
        _facts[new("scaled-1")] = new(true, IsUp: false, false, IsEmpty: false);
        Pass(0);
        Assert.Equal(OwnServerPhase.Adding, Phase("scaled-1"));
        Pass(14);
        Assert.Empty(Due());
        Pass(1);
        Ended("scaled-1", AddOf("scaled-1"));
        Up("scaled-1");
        Assert.Equal(OwnServerPhase.Up, Phase("scaled-1"));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]   // nothing is known of it: it may hold something
    [InlineData(true, true)]
    public void A_lost_server_that_does_not_come_back_is_removed_only_when_nothing_is_placed_there(bool known, bool empty)
    {
        Serving("scaled-1");
        _facts[new("scaled-1")] = new(known, IsUp: false, false, empty);
        Pass(15);
        Pass(15);
        Ended("scaled-1", AddOf("scaled-1"));
        Pass(120);
        Assert.Equal(empty ? OwnServerPhase.Removing : OwnServerPhase.Adding, Phase("scaled-1"));
        _fleet.Shrink([new("scaled-1")], _now);
        Assert.Equal(empty ? OwnServerPhase.Removing : OwnServerPhase.Adding, Phase("scaled-1"));
    }

    [Fact]
    public void After_a_crash_every_operation_is_begun_anew()
    {
        Grow(2);
        var steps = Due();
        Ended("scaled-2", OperationOf(steps, "scaled-2"));
        _fleet = new Fleet(_fleet.Record, s_settings);
        Assert.Equal("scaled-1", Assert.IsType<FleetStep.Operate>(Assert.Single(Due())).Server.Value);
        Ended("scaled-1", OperationOf(steps, "scaled-1"), "the word of before the crash");
        Assert.Empty(_fleet.Record.Faults);
    }

    private ImmutableArray<ServerId> Grow(int count, int others = 0) => _fleet.Grow(count, others, s => _facts.ContainsKey(s) && _fleet.Find(s) is null, _now);

    private ImmutableArray<FleetStep> Due() => _fleet.Due(Facts, _now);

    private ServerFacts Facts(ServerId server) => _facts.GetValueOrDefault(server);

    private long AddOf(string server) => OperationOf(Due(), server, add: true);

    private long RemovalOf(string server) => OperationOf(Due(), server, add: false);

    private static long OperationOf(ImmutableArray<FleetStep> steps, string server, bool add = true) =>
        Assert.Single(steps.OfType<FleetStep.Operate>(), s => s.Server.Value == server && s.Add == add).Operation;

    private bool Ended(string server, long operation, string? failure = null) =>
        _fleet.Ended(new(server), operation, failure is null ? new ProvisionOutcome.Done() : new ProvisionOutcome.Failed(failure), _now);

    private void Up(string server)
    {
        _facts[new(server)] = new(true, IsUp: true, IsDraining: false, IsEmpty: true);
        Pass(0);
    }

    private void Serving(string server)
    {
        Grow(1);
        Ended(server, AddOf(server));
        Up(server);
    }

    private void Pass(int seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        _fleet.Judge(Facts, _now);
    }

    private OwnServerPhase Phase(string server) => _fleet.Find(new(server))!.Phase;
}
