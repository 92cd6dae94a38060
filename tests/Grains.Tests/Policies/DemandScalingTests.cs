using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Policies;

public sealed class DemandScalingTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DemandScaling s_rule = new(new DemandScalingOptions());

    [Theory]
    [InlineData(22, 0)]   // 23.1 GPUs fit into 3 servers of 8
    [InlineData(23, 1)]   // 24.15 do not
    [InlineData(24, 1)]
    public void Servers_are_added_up_to_the_demand_and_five_per_cent(int committed, int added) =>
        Assert.Equal(added, s_rule.Decide(View(Busy(3, committed))).Add);

    [Fact]
    public void The_minimum_and_the_buffer_are_there_without_any_demand() =>
        Assert.Equal(4, s_rule.Decide(View(Idle(1), minimum: 2, buffer: 3)).Add);   // 2 + 3

    [Fact]
    public void Servers_on_their_way_count() =>
        Assert.Equal(3, s_rule.Decide(View(Idle(1), minimum: 2, buffer: 3) with { OnTheirWay = [Arriving("x")] }).Add);

    [Fact]
    public void What_the_queue_waits_for_is_demand()
    {
        var full = View(Busy(2, 16));
        Assert.Equal(1, s_rule.Decide(full).Add);
        Assert.Equal(2, s_rule.Decide(full with { Waiting = [Gpus(4), Gpus(4)] }).Add);   // 24 GPUs and five per cent: 4 servers
    }

    [Fact]
    public void Scattered_free_gpus_do_not_keep_a_large_cell_waiting()
    {
        // 9 of 48 GPUs are in use, at each server some: 8 together are nowhere.
        var view = View(Busy(6, 9)) with { Waiting = [Gpus(8)] };
        Assert.Equal(1, s_rule.Decide(view).Add);
    }

    [Fact]
    public void Many_small_cells_share_one_new_server() =>
        Assert.Equal(1, s_rule.Decide(View(Busy(8, 20)) with { Waiting = [.. Enumerable.Repeat(Gpus(2), 4)] }).Add);

    [Fact]
    public void Large_cells_do_not_share_what_only_seems_to_suffice() =>
        Assert.Equal(3, s_rule.Decide(View(Busy(8, 20)) with { Waiting = [Gpus(5), Gpus(5), Gpus(5), Gpus(2)] }).Add);

    [Fact]
    public void A_cell_that_waits_while_its_server_is_on_its_way_asks_for_no_second_one() =>
        Assert.Equal(0, s_rule.Decide(View(Busy(8, 20)) with { Waiting = [Gpus(8)], OnTheirWay = [Arriving("x")] }).Add);

    [Fact]
    public void A_server_that_came_up_just_now_is_room_for_the_queue()
    {
        var fresh = Server("fresh", 0, ours: true, replicas: 0) with { UpSince = s_now - TimeSpan.FromSeconds(2) };
        var view = View([.. Busy(8, 20), fresh]) with { Waiting = [Gpus(8)] };
        Assert.Equal(0, s_rule.Decide(view).Add);
        Assert.Equal(1, s_rule.Decide(view with { Now = s_now + TimeSpan.FromSeconds(30) }).Add);
    }

    [Fact]
    public void What_no_server_could_ever_have_is_no_reason_to_add_one() =>
        Assert.Equal(0, s_rule.Decide(View(Busy(3, 3)) with { Waiting = [Gpus(9)] }).Add);

    [Fact]
    public void Never_more_than_the_maximum() =>
        Assert.Equal(1, s_rule.Decide(View(Busy(4, 32), maximum: 5) with { Waiting = [Gpus(8), Gpus(8)] }).Add);

    [Fact]
    public void A_draining_server_is_none_that_serves() =>
        Assert.Equal(1, s_rule.Decide(View([.. Idle(4), Server("leaving", 0) with { IsDraining = true }], minimum: 2, buffer: 3)).Add);

    [Theory]
    [InlineData(28, 5, 0)]   // 30.8 GPUs: 4 servers; 29.4: 4. The fifth may go, but it has a cell
    [InlineData(29, 5, 0)]   // 31.9: 4
    public void Only_idle_servers_go(int committed, int servers, int removed) =>
        Assert.Equal(removed, s_rule.Decide(View(Busy(servers, committed))).Remove.Length);

    [Fact]
    public void Between_the_two_limits_nothing_moves()
    {
        // 22 GPUs: 23.1 fit into 3 servers, 24.2 need 4. With 4 servers nothing is added and nothing removed.
        var servers = ImmutableArray.Create(Server("a", 8), Server("b", 8), Server("c", 6), Server("d", 0));
        var decision = s_rule.Decide(View(servers));
        Assert.Equal((0, 0), (decision.Add, decision.Remove.Length));
        Assert.Single(s_rule.Decide(View([.. servers, Server("e", 0)])).Remove);
    }

    [Fact]
    public void At_most_two_go_at_a_time_the_emptiest_and_then_the_youngest_first()
    {
        var servers = ImmutableArray.Create(
            Server("many", 0, replicas: 7), Server("one", 0, replicas: 1), Server("old", 0, replicas: 0, age: 90), Server("young", 0, replicas: 0, age: 60));
        Assert.Equal(["young", "old"], Removed(View(servers)));
        Assert.Equal(["one", "many"], Removed(View(servers[..2])));
    }

    [Fact]
    public void Others_busy_ones_fresh_ones_and_those_that_cannot_be_drained_stay()
    {
        ImmutableArray<ScalingServer> servers =
        [
            Server("others", 0, ours: false), Server("leased", 1),
            Server("stuck", 0) with { CanBeDrained = false }, Server("fresh", 0, age: 29), Server("leaving", 0) with { IsDraining = true },
        ];
        Assert.Equal([], Removed(View(servers)));
    }

    [Fact]
    public void Never_fewer_than_the_minimum() => Assert.Single(s_rule.Decide(View(Idle(4), minimum: 3)).Remove);

    [Fact]
    public void Nothing_goes_while_something_waits_that_would_need_it() =>
        Assert.Empty(s_rule.Decide(View(Idle(4)) with { Waiting = [Gpus(8)] }).Remove);

    [Fact]
    public void What_fails_to_come_is_given_up_first_when_it_is_not_needed_any_more()
    {
        var view = View(Idle(3)) with { OnTheirWay = [Arriving("well"), Arriving("failing", failures: 3)] };
        Assert.Equal("failing", Removed(view)[0]);
    }

    [Fact]
    public void Servers_without_gpus_are_scaled_by_minimum_buffer_and_queue()
    {
        var view = View([Server("a", 0) with { Gpus = 0 }]) with { GpusPerServer = 0, Waiting = [Gpus(1)] };
        Assert.Equal(0, s_rule.Decide(view).Add);
        Assert.Equal(3, s_rule.Decide(view with { Minimum = 1, Buffer = 3 }).Add);
    }

    [Fact]
    public void The_reason_has_the_figures() => Assert.Equal(
        "3 servers (0 on their way), 24 GPUs committed, 1 requests wait: 5 are wanted", s_rule.Decide(View(Busy(3, 24)) with { Waiting = [Gpus(8)] }).Reason);

    [Fact]
    public void Fixed_never_moves()
    {
        var decision = new FixedScaling().Decide(View(Busy(3, 24), minimum: 9));
        Assert.Equal((0, 0), (decision.Add, decision.Remove.Length));
    }

    private static ResourceAmounts Gpus(int gpus) => new(gpus, 0, 0, 0);

    private static string[] Removed(ScalingView view) => [.. s_rule.Decide(view).Remove.Select(s => s.Value)];

    private static ScalingView View(ImmutableArray<ScalingServer> servers, int minimum = 0, int maximum = 100, int buffer = 0) =>
        new(s_now, servers, [], [], minimum, maximum, buffer, GpusPerServer: 8, Settling: TimeSpan.FromSeconds(30));

    /// <summary>Servers of 8 GPUs that share these committed GPUs as evenly as can be.</summary>
    private static ImmutableArray<ScalingServer> Busy(int count, int committed) =>
        [.. Enumerable.Range(0, count).Select(i => Server($"s{i}", (committed / count) + (i < committed % count ? 1 : 0)))];

    private static ImmutableArray<ScalingServer> Idle(int count) => Busy(count, 0);

    private static ScalingServer Server(string id, int committed, bool ours = true, int replicas = 1, int age = 3600) => new(
        new ServerId(id), 8, committed, replicas, replicas, false, ours, true, s_now - TimeSpan.FromSeconds(age));

    private static ArrivingServer Arriving(string id, int failures = 0) => new(new ServerId(id), s_now, failures);
}
