using Notebook.Grains.Kernels;
using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Kernels;

public sealed class KernelLifeTests
{
    private static readonly KernelDefinition s_definition =
        new(new KernelId("k"), "python3", "default", ImmutableDictionary<string, string>.Empty, null, null, 3);

    private readonly KernelLife _life = new(s_definition, new KernelRecord { Incarnation = 1, Session = "s" });

    public KernelLifeTests()
    {
        foreach (var server in (string[])["a", "b", "c"]) _life.Add(new ServerId(server));
    }

    [Fact]
    public void The_loss_of_an_executor_that_has_run_nothing_goes_unnoticed()
    {
        Lead(1);
        Assert.Equal(ReplicaNews.ExecutorLost, Hear(1, ReplicaPhase.Lost, 0));
        Assert.False(_life.LoseExecutor());
        Assert.Equal(1, _life.Incarnation);
        Assert.Null(_life.Executor);
    }

    [Fact]
    public void The_loss_of_an_executor_with_state_is_a_new_incarnation_in_the_same_session()
    {
        Lead(1);
        _life.Ran();
        Hear(1, ReplicaPhase.Lost, 0);
        Assert.True(_life.LoseExecutor());
        Assert.Equal(2, _life.Incarnation);
        Assert.Equal("s", _life.Session);
        Assert.Equal([2, 1, 1], _life.Replicas.Select(r => r.Incarnation));   // the others' processes are fresh already
    }

    [Fact]
    public void Another_process_at_the_executor_means_that_the_old_one_is_lost()
    {
        Lead(1);
        Assert.Equal(ReplicaNews.ExecutorLost, Hear(1, ReplicaPhase.Ready, 77));
    }

    [Fact]
    public void News_of_a_process_that_was_replaced_is_no_news()
    {
        Lead(1);
        _life.Restart("t");
        Assert.Equal(ReplicaNews.None, Hear(1, ReplicaPhase.Ready, 11, incarnation: 1));
        Assert.Equal(ReplicaNews.Changed, Hear(1, ReplicaPhase.Ready, 11, incarnation: 2));
    }

    [Fact]
    public void Every_change_of_the_executor_is_a_new_epoch()
    {
        Lead(1);
        var first = _life.Epoch;
        _life.Lead(ReplicaId.Of(s_definition.Kernel, 1));
        Assert.Equal(first, _life.Epoch);
        Hear(2, ReplicaPhase.Ready, 12);
        _life.Lead(ReplicaId.Of(s_definition.Kernel, 2));
        Assert.Equal(first + 1, _life.Epoch);
    }

    [Fact]
    public void Before_the_first_cell_any_live_replica_may_run_it_afterwards_only_the_executor()
    {
        for (var n = 1; n <= 3; n++) Hear(n, ReplicaPhase.Ready, 10 + n);
        Lead(2);
        Assert.Equal(["k/2", "k/1", "k/3"], ExecutorChoice.Order(_life, new StickyExecutor()).Select(r => r.Value));
        _life.Ran();
        Assert.Equal(["k/2"], ExecutorChoice.Order(_life, new StickyExecutor()).Select(r => r.Value));
    }

    [Fact]
    public void It_dies_when_every_replica_is_given_up_and_lives_again_after_a_restart()
    {
        for (var n = 1; n <= 3; n++)
        {
            Assert.False(_life.DieIfHopeless());
            Hear(n, ReplicaPhase.Stopped, 0);
        }

        Assert.True(_life.DieIfHopeless());
        Assert.Equal(KernelState.Dead, _life.State(busy: false));
        _life.Restart("t");
        Assert.Equal(KernelState.Starting, _life.State(busy: false));
    }

    [Fact]
    public void A_server_that_comes_takes_the_place_of_a_lost_replica_only()
    {
        Assert.False(_life.Wants(new ServerId("d"), out _));
        Hear(2, ReplicaPhase.Lost, 0);
        Assert.False(_life.Wants(new ServerId("a"), out _));
        Assert.True(_life.Wants(new ServerId("d"), out var replaced));
        Assert.Equal("k/2", replaced?.Id.Value);
        _life.Remove(replaced!.Id);
        Assert.Equal("k/4", _life.Add(new ServerId("d")).Id.Value);
    }

    private void Lead(int number)
    {
        Hear(number, ReplicaPhase.Ready, 10 + number);
        _life.Lead(ReplicaId.Of(s_definition.Kernel, number));
    }

    private ReplicaNews Hear(int number, ReplicaPhase phase, int pid, int incarnation = 1)
    {
        var known = _life.Find(ReplicaId.Of(s_definition.Kernel, number))!;
        return _life.Hear(known with { Phase = phase, ProcessId = pid, Incarnation = incarnation });
    }
}
