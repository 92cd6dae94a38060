using Notebook.Grains.Kernels;
using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Kernels;

public sealed class ReclaimRulesTests
{
    private readonly KernelLife _life = new(
        new KernelDefinition(new KernelId("k"), "python3", "default", ImmutableDictionary<string, string>.Empty, null, null, 3),
        new KernelRecord { Incarnation = 1, Session = "s" },
        new Keeping(Durability.State, StandbyMode.Hot),
        new ChosenStandby(StandbyMode.Hot));

    public ReclaimRulesTests()
    {
        foreach (var server in (string[])["a", "b", "c"]) Hear(_life.Add(new ServerId(server)) with { Phase = ReplicaPhase.Ready, ProcessId = 7 });
        _life.Found();
        _life.Lead(_life.Replicas[0].Id);
        _life.Ran();
    }

    [Fact]
    public void A_kernel_whose_state_is_all_with_a_majority_may_be_reclaimed()
    {
        Assert.Null(WhyNot());
        Hear(_life.Replicas[2] with { Phase = ReplicaPhase.Lost });
        Assert.Null(WhyNot());
    }

    [Fact]
    public void A_kernel_with_a_cell_may_not() => Assert.Equal("a cell runs or waits", WhyNot(isBusy: true));

    [Fact]
    public void A_kernel_without_a_majority_may_not()
    {
        foreach (var replica in _life.Replicas.Skip(1).ToArray()) Hear(replica with { Phase = ReplicaPhase.Lost });
        Assert.Equal("no majority of its replicas is up", WhyNot());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_value_that_cannot_be_copied_is_not_given_up(int replica)
    {
        Hear(_life.Replicas[replica] with { AtRisk = new StateAtRisk(0, ["gen: a generator"]) });
        Assert.Equal("values cannot be copied: gen: a generator", WhyNot());
        Hear(_life.Replicas[replica] with { AtRisk = null });
        Assert.Null(WhyNot());
    }

    [Fact]
    public void Large_values_on_one_server_alone_are_not_given_up()
    {
        Hear(_life.Replicas[0] with { AtRisk = new StateAtRisk(1000, []) });
        Assert.Equal("1000 bytes of large values are on one server alone", WhyNot());
    }

    [Fact]
    public void What_an_agent_holds_stays()
    {
        Hear(_life.Replicas[0] with { Held = "a debugger is attached" });
        Assert.Equal("a debugger is attached", WhyNot());
    }

    [Fact]
    public void A_kernel_that_moves_may_not()
    {
        _life.BeginMove(_life.Replicas[1].Id, new ServerId("d"), "so", DateTimeOffset.UnixEpoch);
        Assert.Equal("one of its replicas moves to another server", WhyNot());
    }

    [Fact]
    public void A_kernel_that_is_starting_dead_or_reclaimed_may_not()
    {
        _life.Reclaim(new Reclaimed(DateTimeOffset.UnixEpoch, "so"));
        Assert.NotNull(WhyNot());
        _life.Restart("t");
        Assert.Null(_life.Reclaimed);
        Assert.Equal("it has no executor", WhyNot());
        _life.End("it was shut down");
        Assert.Equal("it is dead", WhyNot());
    }

    [Fact]
    public void In_a_reclaimed_kernel_another_process_is_no_loss_of_the_executor()
    {
        _life.Reclaim(new Reclaimed(DateTimeOffset.UnixEpoch, "so"));
        Assert.Equal(ReplicaNews.Changed, _life.Hear(_life.Replicas[0] with { ProcessId = 8 }));   // the end of the old one was not told
        _life.Wake();
        Assert.Equal(ReplicaNews.ExecutorLost, _life.Hear(_life.Replicas[0] with { ProcessId = 9 }));
    }

    private string? WhyNot(bool isBusy = false) => ReclaimRules.WhyNot(_life, isBusy);

    private void Hear(ReplicaView next) => _life.Hear(next);
}
