using Notebook.Grains.Servers;

namespace Notebook.Grains.Tests.Servers;

public sealed class GpuLeasesTests
{
    private static readonly ServerId s_server = new("s");
    private static readonly KernelId s_a = new("a"), s_b = new("b"), s_c = new("c");

    [Fact]
    public void A_kernel_gets_the_lowest_idle_devices()
    {
        var leases = Of(4);
        Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true));
        var lease = Granted(leases.Request(s_b, "u", 1, Gpus(2), usable: true));
        Assert.Equal([1, 2], lease.Devices.ToArray());
    }

    [Fact]
    public void Asking_again_gives_the_same_lease()
    {
        var leases = Of(2);
        var first = Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true));
        Assert.Same(first, Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true)));
        Assert.Equal(1, leases.Epoch);
    }

    [Fact]
    public void The_next_execution_of_a_kernel_gives_up_its_earlier_lease()
    {
        var leases = Of(1);
        var first = Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true));
        var second = Granted(leases.Request(s_a, "u", 2, Gpus(1), usable: true));
        Assert.True(second.Epoch > first.Epoch);
        Assert.Single(leases.Held);
    }

    [Fact]
    public void More_than_the_server_has_is_impossible_and_the_answer_names_both_numbers()
    {
        var outcome = Assert.IsType<LeaseOutcome.Impossible>(Of(2).Request(s_a, "u", 1, Gpus(3), usable: true));
        Assert.Contains("3 GPUs", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("has 2 GPUs", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_for_a_waiting_cell_is_granted_to_nobody_else()
    {
        var leases = Of(2);
        Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true));
        leases.Keep(s_b, 1, Gpus(2), isIdle: false);
        Assert.Contains("kept", Assert.IsType<LeaseOutcome.Full>(leases.Request(s_c, "u", 1, Gpus(1), usable: true)).Reason, StringComparison.Ordinal);
        Assert.True(leases.Release(s_a, 1));
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_c, "u", 1, Gpus(1), usable: true));
        Granted(leases.Request(s_b, "u", 1, Gpus(2), usable: true));
        Assert.Equal(default, leases.Kept);
    }

    [Fact]
    public void An_offer_of_idle_room_stands_though_what_becomes_idle_is_kept_for_another()
    {
        var leases = Of(2);
        Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true));
        leases.Keep(s_b, 1, Gpus(1), isIdle: true);
        leases.Keep(s_c, 1, Gpus(2), isIdle: false);
        Granted(leases.Request(s_b, "u", 1, Gpus(1), usable: true));
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_c, "u", 1, Gpus(2), usable: true));
        leases.Release(s_a, 1);
        leases.Release(s_b, 1);
        Granted(leases.Request(s_c, "u", 1, Gpus(2), usable: true));
    }

    [Fact]
    public void What_is_kept_lapses_unless_it_is_kept_anew()
    {
        var leases = Of(1);
        leases.Keep(s_b, 1, Gpus(1), isIdle: false);
        for (var i = 1; i < GpuLeases.HoldTicks; i++) Assert.False(leases.Tick());
        leases.Keep(s_b, 1, Gpus(1), isIdle: false);
        for (var i = 1; i < GpuLeases.HoldTicks; i++) Assert.False(leases.Tick());
        Assert.True(leases.Tick());
        Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true));
    }

    [Fact]
    public void What_is_kept_ends_with_a_release_and_comes_to_nothing_for_who_has_it_already()
    {
        var leases = Of(2);
        leases.Keep(s_a, 4, Gpus(2), isIdle: false);
        leases.Release(s_a, 3);
        Assert.Equal(2, leases.Kept.Gpus);
        Assert.False(leases.Release(s_a, 4));
        Assert.Equal(0, leases.Kept.Gpus);
        Granted(leases.Request(s_a, "u", 5, Gpus(1), usable: true));
        leases.Keep(s_a, 5, Gpus(1), isIdle: false);
        Assert.Equal(0, leases.Kept.Gpus);
    }

    [Fact]
    public void Cpu_and_memory_are_committed_with_the_gpus()
    {
        var leases = Of(4);
        Granted(leases.Request(s_a, "u", 1, new(1, 0, 6000, 100), usable: true));
        Assert.Contains("2000 of 8000 milli-CPUs",
            Assert.IsType<LeaseOutcome.Full>(leases.Request(s_b, "u", 1, new(1, 0, 2001, 0), usable: true)).Reason, StringComparison.Ordinal);
        Granted(leases.Request(s_b, "u", 1, new(1, 0, 2000, 900), usable: true));
        Assert.Contains("0 of 1000 MB",
            Assert.IsType<LeaseOutcome.Full>(leases.Request(s_c, "u", 1, new(1, 0, 0, 1), usable: true)).Reason, StringComparison.Ordinal);
        Assert.Equal(new ResourceAmounts(2, 0, 8000, 1000), leases.Committed);
        Assert.IsType<LeaseOutcome.Impossible>(leases.Request(s_c, "u", 1, new(1, 0, 8001, 0), usable: true));
    }

    [Fact]
    public void Devices_with_enough_memory_are_chosen()
    {
        var leases = new GpuLeases(s_server, new LeaseBook());
        leases.SetSpec([Gpu(0, 10), Gpu(1, 10), Gpu(2, 40), Gpu(3, 10)], 8000, 1000);
        Assert.Equal([0], Granted(leases.Request(s_a, "u", 1, new(1, 10, 0, 0), usable: true)).Devices.ToArray());
        Assert.Equal([1, 2], Granted(leases.Request(s_b, "u", 1, new(2, 45, 0, 0), usable: true)).Devices.ToArray());
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_c, "u", 1, new(1, 20, 0, 0), usable: true));
        Assert.IsType<LeaseOutcome.Impossible>(leases.Request(s_c, "u", 1, new(1, 41, 0, 0), usable: true));
    }

    [Fact]
    public void A_server_that_comes_back_with_fewer_gpus_has_none_too_many_committed()
    {
        var leases = Of(2);
        Granted(leases.Request(s_a, "u", 1, Gpus(2), usable: true));
        leases.SetSpec([Gpu(0, 0)], 8000, 1000);
        Assert.Equal(1, leases.Committed.Gpus);
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_b, "u", 1, Gpus(1), usable: true));
        leases.ReleaseAll(s_a);
        Assert.Equal([0], Granted(leases.Request(s_b, "u", 1, Gpus(1), usable: true)).Devices.ToArray());
    }

    [Fact]
    public void It_is_known_whose_cells_hold_how_many()
    {
        var leases = Of(4);
        leases.Request(s_a, "ann", 1, Gpus(1), usable: true);
        leases.Request(s_b, "ann", 1, Gpus(2), usable: true);
        leases.Request(s_c, "bob", 1, Gpus(1), usable: true);
        Assert.Equal([new UserGpus("ann", 3), new("bob", 1)], leases.Users.OrderBy(u => u.User, StringComparer.Ordinal));
    }

    [Fact]
    public void A_release_of_an_older_execution_does_not_touch_the_present_lease()
    {
        var leases = Of(1);
        Granted(leases.Request(s_a, "u", 5, Gpus(1), usable: true));
        Assert.False(leases.Release(s_a, 4));
        Assert.Single(leases.Held);
        Assert.True(leases.Release(s_a, 5));
        Assert.False(leases.Release(s_a, 5));
    }

    [Fact]
    public void A_server_that_is_not_connected_grants_nothing_new()
    {
        var leases = Of(1);
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_a, "u", 1, Gpus(1), usable: false));
        Assert.Empty(leases.Held);
    }

    [Fact]
    public void The_epoch_goes_on_from_what_was_stored()
    {
        var leases = Of(1);
        var first = Granted(leases.Request(s_a, "u", 1, Gpus(1), usable: true));
        var again = new GpuLeases(s_server, leases.Book);
        again.SetSpec([Gpu(0, 0)], 8000, 1000);
        Assert.Equal(first, Granted(again.Request(s_a, "u", 1, Gpus(1), usable: true)));
        again.ReleaseAll(s_a);
        Assert.True(Granted(again.Request(s_b, "u", 1, Gpus(1), usable: true)).Epoch > leases.Epoch);
    }

    [Fact]
    public void A_lease_that_the_book_missed_is_adopted_unless_its_devices_are_taken()
    {
        var leases = Of(2);
        var lost = new GpuLease(s_server, [0], s_a, 3, 41);
        Assert.True(leases.Adopt(lost));
        Assert.True(leases.Adopt(lost));
        Assert.Same(lost, leases.HolderOf(0));
        Assert.False(leases.Adopt(lost with { Kernel = s_b }));
        var next = Granted(leases.Request(s_c, "u", 1, Gpus(1), usable: true));
        Assert.Equal(1, next.Devices.Single());
        Assert.Equal(42, next.Epoch);
    }

    private static ResourceAmounts Gpus(int gpus) => new(gpus, 0, 0, 0);

    private static GpuInfo Gpu(int index, long memoryMb) => new(index, $"GPU-{index}", "simulated", "Simulated", memoryMb);

    private static GpuLeases Of(int gpus)
    {
        var leases = new GpuLeases(s_server, new LeaseBook());
        leases.SetSpec([.. Enumerable.Range(0, gpus).Select(i => Gpu(i, 0))], 8000, 1000);
        return leases;
    }

    private static GpuLease Granted(LeaseOutcome outcome) => Assert.IsType<LeaseOutcome.Granted>(outcome).Lease;
}
