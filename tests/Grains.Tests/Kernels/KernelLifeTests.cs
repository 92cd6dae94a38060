using Notebook.Grains.Kernels;
using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Kernels;

public sealed class KernelLifeTests
{
    private static readonly KernelDefinition s_definition =
        new(new KernelId("k"), "python3", "default", ImmutableDictionary<string, string>.Empty, null, null, 3);

    private static readonly Keeping s_keeping = new(Durability.State, StandbyMode.Hot);

    private readonly KernelLife _life =
        new(s_definition, new KernelRecord { Incarnation = 1, Session = "s" }, s_keeping, new ChosenStandby(s_keeping.Standby));

    public KernelLifeTests()
    {
        foreach (var server in (string[])["a", "b", "c"]) _life.Add(new ServerId(server));
    }

    [Fact]
    public void The_loss_of_an_executor_is_no_restart_for_the_others_have_the_state()
    {
        Lead(1);
        _life.Ran();
        Assert.Equal(ReplicaNews.ExecutorLost, Hear(1, ReplicaPhase.Lost, 0));
        _life.LoseExecutor();
        Assert.Null(_life.Executor);
        Assert.Equal((1, "s"), (_life.Incarnation, _life.Session));
    }

    [Fact]
    public void What_no_cell_may_ask_for_is_not_taken_from_a_process()
    {
        Assert.True(_life.Set(new CellDefault(new ResourceRequest(2))));
        Assert.False(_life.Set(new CellDefault(new ResourceRequest(2))));   // no news
        Assert.False(_life.Set(new CellDefault(new ResourceRequest(-1))));
        Assert.Equal(new ResourceRequest(2), _life.PerCell);
        Assert.True(_life.Set(new CellDefault((ResourceRequest?)null)));
        Assert.Equal(ResourceRequest.CpuOnly, _life.PerCell);
    }

    [Fact]
    public void State_is_safe_while_the_others_are_a_majority_that_is_up()
    {
        _life.Found();
        for (var n = 1; n <= 3; n++) Hear(n, ReplicaPhase.Ready, 10 + n);
        Lead(1);
        _life.Ran();
        Assert.True(_life.StateSafe);
        Hear(3, ReplicaPhase.Lost, 0);
        Assert.False(_life.StateSafe);
    }

    [Fact]
    public void State_is_not_safe_while_large_values_are_on_their_way()
    {
        _life.Found();
        for (var n = 1; n <= 3; n++) Hear(n, ReplicaPhase.Ready, 10 + n);
        Lead(1);
        _life.Ran();
        var executor = _life.Find(_life.Executor!.Value)!;
        Assert.Equal(ReplicaNews.Changed, _life.Hear(executor with { AtRisk = new StateAtRisk(1, ["a: so"]) }));
        Assert.False(_life.StateSafe);
        Assert.Equal(ReplicaNews.None, _life.Hear(executor with { AtRisk = new StateAtRisk(1, ["a: so"]) }));
        Assert.Equal(ReplicaNews.Changed, _life.Hear(executor with { AtRisk = new StateAtRisk(0, ["a: so"]) }));
        Assert.True(_life.StateSafe);
    }

    [Fact]
    public void Each_restart_founds_a_group_of_the_replicas_that_are_there()
    {
        _life.Found();
        Assert.Equal([1, 2, 3], _life.Founders.Select(f => f.Number));
        _life.Remove(ReplicaId.Of(s_definition.Kernel, 2));
        _life.Add(new ServerId("d"));
        Assert.Equal([1, 2, 3], _life.Founders.Select(f => f.Number));
        _life.Restart("t");
        Assert.Equal([1, 3, 4], _life.Founders.Select(f => f.Number));
    }

    [Fact]
    public void Another_process_at_the_executor_means_that_the_old_one_is_lost()
    {
        Lead(1);
        Assert.Equal(ReplicaNews.ExecutorLost, Hear(1, ReplicaPhase.Ready, 77));
    }

    [Fact]
    public void An_executor_that_runs_nothing_may_become_cold_and_have_another_process_later()
    {
        Lead(1);
        Assert.Equal(ReplicaNews.Changed, Hear(1, ReplicaPhase.Ready, 0, standby: StandbyMode.Cold));
        Assert.Equal(ReplicaNews.Changed, Hear(1, ReplicaPhase.Ready, 77));
        Assert.Equal(ReplicaNews.ExecutorLost, Hear(1, ReplicaPhase.Lost, 0, standby: StandbyMode.Cold));
    }

    [Fact]
    public void Cold_standbys_can_run_cells_and_go_behind_hot_ones()
    {
        Hear(1, ReplicaPhase.Ready, 0, standby: StandbyMode.Cold);
        Hear(2, ReplicaPhase.Ready, 12, standby: StandbyMode.Warm);
        Hear(3, ReplicaPhase.Ready, 13);
        Assert.Equal(["k/3", "k/1", "k/2"], ExecutorChoice.Order(_life, new StickyExecutor()).Select(r => r.Value));
    }

    [Fact]
    public void State_is_kept_as_its_user_asked_and_else_as_the_platform_does()
    {
        Assert.Equal(s_keeping, _life.Keeping);
        _life.Keep(new KeepingRequest(Durability.All, null));
        _life.Keep(new KeepingRequest(null, StandbyMode.Cold));
        Assert.Equal(new Keeping(Durability.All, StandbyMode.Cold), _life.Keeping);
        Assert.Equal(_life.Keeping, _life.AssignmentOf(_life.Replicas[1]).Keeping);
        _life.Found();
        Assert.Equal("cold", _life.Standbys);
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
    public void Any_live_replica_may_run_the_next_cell_the_last_executor_first()
    {
        for (var n = 1; n <= 3; n++) Hear(n, ReplicaPhase.Ready, 10 + n);
        Lead(2);
        _life.Ran();
        Assert.Equal(["k/2", "k/1", "k/3"], ExecutorChoice.Order(_life, new StickyExecutor()).Select(r => r.Value));
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
        Assert.False(_life.Wants(new ServerId("d"), _ => true, out _));
        Hear(2, ReplicaPhase.Lost, 0);
        Assert.False(_life.Wants(new ServerId("a"), _ => true, out _));
        Assert.True(_life.Wants(new ServerId("d"), _ => true, out var replaced));
        Assert.Equal("k/2", replaced?.Id.Value);
        _life.Remove(replaced!.Id);
        Assert.Equal("k/4", _life.Add(new ServerId("d")).Id.Value);
    }

    [Fact]
    public void A_missing_replica_keeps_its_place_until_it_is_given_up()
    {
        Hear(2, ReplicaPhase.Lost, 0);
        Hear(3, ReplicaPhase.Lost, 0);
        Assert.False(_life.Wants(new ServerId("d"), _ => false, out _));
        Assert.True(_life.Wants(new ServerId("d"), id => id.Number == 3, out var replaced));
        Assert.Equal(3, replaced!.Id.Number);
    }

    [Fact]
    public void A_move_adds_the_new_replica_first_and_the_old_one_goes_when_the_new_one_is_ready()
    {
        AllReady();
        Lead(2);
        Assert.Null(Move(1, "d"));
        Assert.Equal(4, _life.Replicas.Count);
        Assert.Equal(MoveStand.UnderWay, _life.StandOfMove(s_now, null));
        Hear(4, ReplicaPhase.Ready, 14);
        Assert.Equal(MoveStand.WaitsForCell, _life.StandOfMove(s_now, Id(1)));
        Assert.Equal(MoveStand.CanFinish, _life.StandOfMove(s_now, Id(2)));
        _life.EndMove(done: true);
        Assert.Equal(Id(1), _life.Leaving[^1].Replica);
        Assert.Equal([2, 3, 4], _life.Replicas.Select(r => r.Id.Number));
        Assert.Equal(Id(2), _life.Executor);
        Assert.Equal(MoveStand.None, _life.StandOfMove(s_now, null));
    }

    [Fact]
    public void When_the_executor_moves_the_new_replica_leads_in_a_new_epoch()
    {
        AllReady();
        Lead(1);
        var epoch = _life.Epoch;
        Move(1, "d");
        Hear(4, ReplicaPhase.Ready, 14);
        _life.EndMove(done: true);
        Assert.Equal((Id(4), epoch + 1), (_life.Executor!.Value, _life.Epoch));
    }

    [Theory]
    [InlineData(ReplicaPhase.Stopped, 0)]
    [InlineData(ReplicaPhase.Lost, 60)]
    [InlineData(ReplicaPhase.Starting, 60)]
    public void A_move_fails_when_the_new_replica_does_not_come_up_in_time(ReplicaPhase phase, int seconds)
    {
        AllReady();
        Lead(1);
        Move(1, "d");
        Hear(4, phase, 0);
        if (seconds > 0) Assert.Equal(MoveStand.UnderWay, _life.StandOfMove(s_now.AddSeconds(seconds - 1), null));
        Assert.Equal(MoveStand.Failed, _life.StandOfMove(s_now.AddSeconds(seconds), null));
        _life.EndMove(done: false);
        Assert.Equal(Id(4), _life.Leaving[^1].Replica);
        Assert.Equal([1, 2, 3], _life.Replicas.Select(r => r.Id.Number));
        Assert.Equal(Id(1), _life.Executor);
    }

    [Fact]
    public void A_move_needs_a_majority_a_free_server_and_no_other_move()
    {
        Hear(1, ReplicaPhase.Ready, 11);
        Assert.Contains("majority", Move(1, "d"), StringComparison.Ordinal);
        AllReady();
        Assert.Contains("server b already", Move(1, "b"), StringComparison.Ordinal);
        Assert.Contains("no replica", Move(9, "d"), StringComparison.Ordinal);
        Assert.Null(Move(1, "d"));
        Assert.Contains("moves already", Move(2, "e"), StringComparison.Ordinal);
        Assert.False(_life.Wants(new ServerId("e"), _ => true, out _));
    }

    [Fact]
    public void The_only_replica_hands_over_to_one_that_has_everything_and_goes_when_that_is_alone()
    {
        MoveOnly();
        Assert.Equal([PeerStanding.Stays, PeerStanding.Joins], _life.Peers.Select(p => p.Standing));
        Hear(4, ReplicaPhase.Ready, 14);
        Assert.Equal([1], _life.Candidates.Select(c => c.Replica.Number));   // who only learns runs nothing
        Assert.Equal(MoveStand.WaitsForCell, _life.StandOfMove(s_now, Id(1)));
        Assert.Equal(MoveStand.CanHandOver, _life.StandOfMove(s_now.AddHours(1), null));
        _life.HandOver(s_now);
        Assert.Equal([PeerStanding.Leaves, PeerStanding.Stays], _life.Peers.Select(p => p.Standing));
        Assert.Equal(MoveStand.UnderWay, _life.StandOfMove(s_now.AddSeconds(14), null));
        _life.Hear(_life.Find(Id(4))! with { IsAlone = true });
        Assert.Equal(MoveStand.CanFinish, _life.StandOfMove(s_now.AddSeconds(15), null));
        var epoch = _life.Epoch;
        _life.EndMove(done: true);
        Assert.Equal(Id(1), _life.Leaving[^1].Replica);
        Assert.Equal((Id(4), epoch + 1), (_life.Executor!.Value, _life.Epoch));
        Assert.Equal([PeerStanding.Stays], _life.Peers.Select(p => p.Standing));
    }

    [Fact]
    public void When_nobody_takes_over_in_time_the_only_replica_goes_on_alone()
    {
        MoveOnly();
        Hear(4, ReplicaPhase.Ready, 14);
        _life.HandOver(s_now);
        Assert.Equal(MoveStand.Failed, _life.StandOfMove(s_now.AddSeconds(15), null));
        Assert.Contains("15 s", _life.WhyMoveFailed(), StringComparison.Ordinal);
        var epoch = _life.Epoch;
        _life.EndMove(done: false);
        Assert.Equal(Id(4), _life.Leaving[^1].Replica);
        Assert.Equal((Id(1), epoch), (_life.Executor!.Value, _life.Epoch));
        Assert.Equal([(Id(1), PeerStanding.Stays)], _life.Peers.Select(p => (p.Replica, p.Standing)));
    }

    [Fact]
    public void The_only_replica_does_not_hand_over_while_it_is_away_or_has_what_cannot_be_copied()
    {
        MoveOnly();
        Hear(4, ReplicaPhase.Ready, 14);
        Hear(1, ReplicaPhase.Lost, 0);
        Assert.Equal(MoveStand.UnderWay, _life.StandOfMove(s_now.AddSeconds(59), null));
        Assert.Equal(MoveStand.Failed, _life.StandOfMove(s_now.AddSeconds(60), null));
        Hear(1, ReplicaPhase.Ready, 21);
        Assert.Equal(MoveStand.CanHandOver, _life.StandOfMove(s_now.AddSeconds(60), null));
        _life.Hear(_life.Find(Id(1))! with { AtRisk = new(0, ["g: a generator"]) });
        Assert.Equal(MoveStand.Failed, _life.StandOfMove(s_now, null));
        Assert.Contains("has the value g: a generator", _life.WhyMoveFailed(), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_has_to_copy_more_from_the_only_replica_has_more_time()
    {
        MoveOnly();
        _life.Hear(_life.Find(Id(1))! with { StateBytes = 1600L << 20 });
        Assert.Equal(MoveStand.UnderWay, _life.StandOfMove(s_now.AddSeconds(159), null));
        Assert.Equal(MoveStand.Failed, _life.StandOfMove(s_now.AddSeconds(160), null));
    }

    [Fact]
    public void State_that_is_with_the_only_replica_is_not_safe_while_another_only_learns_it()
    {
        MoveOnly();
        _life.Ran();
        Hear(4, ReplicaPhase.Ready, 14);
        Assert.False(_life.StateSafe);
    }

    [Fact]
    public void An_only_replica_that_is_away_cannot_move_and_is_waited_for_by_name()
    {
        OnlyOne();
        Hear(1, ReplicaPhase.Lost, 0);
        Assert.Contains("only replica is lost", Move(1, "d"), StringComparison.Ordinal);
        Assert.StartsWith("server a, which alone has the kernel's variables", _life.WaitsForServer, StringComparison.Ordinal);
    }

    private void OnlyOne()
    {
        _life.Remove(Id(2));
        _life.Remove(Id(3));
        _life.Found();
        Lead(1);
    }

    private void MoveOnly()
    {
        OnlyOne();
        Assert.Null(Move(1, "d"));
    }

    private static readonly DateTimeOffset s_now = DateTimeOffset.UnixEpoch;

    private static ReplicaId Id(int number) => ReplicaId.Of(s_definition.Kernel, number);

    private string? Move(int from, string target) => _life.BeginMove(Id(from), new ServerId(target), "so", s_now);

    private void AllReady()
    {
        for (var n = 1; n <= 3; n++) Hear(n, ReplicaPhase.Ready, 10 + n);
    }

    private void Lead(int number)
    {
        Hear(number, ReplicaPhase.Ready, 10 + number);
        _life.Lead(ReplicaId.Of(s_definition.Kernel, number));
    }

    private ReplicaNews Hear(int number, ReplicaPhase phase, int pid, int incarnation = 1, StandbyMode standby = StandbyMode.Hot)
    {
        var known = _life.Find(ReplicaId.Of(s_definition.Kernel, number))!;
        return _life.Hear(known with { Phase = phase, ProcessId = pid, Incarnation = incarnation, Standby = standby });
    }
}
