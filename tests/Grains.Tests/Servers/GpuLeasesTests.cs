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
        Granted(leases.Request(s_a, 1, 1, usable: true));
        var lease = Granted(leases.Request(s_b, 1, 2, usable: true));
        Assert.Equal([1, 2], lease.Devices.ToArray());
    }

    [Fact]
    public void Asking_again_gives_the_same_lease()
    {
        var leases = Of(2);
        var first = Granted(leases.Request(s_a, 1, 1, usable: true));
        Assert.Same(first, Granted(leases.Request(s_a, 1, 1, usable: true)));
        Assert.Equal(1, leases.Epoch);
    }

    [Fact]
    public void The_next_execution_of_a_kernel_gives_up_its_earlier_lease()
    {
        var leases = Of(1);
        var first = Granted(leases.Request(s_a, 1, 1, usable: true));
        var second = Granted(leases.Request(s_a, 2, 1, usable: true));
        Assert.True(second.Epoch > first.Epoch);
        Assert.Single(leases.Held);
    }

    [Fact]
    public void More_than_the_server_has_is_impossible_and_the_answer_names_both_numbers()
    {
        var outcome = Assert.IsType<LeaseOutcome.Impossible>(Of(2).Request(s_a, 1, 3, usable: true));
        Assert.Contains("3 GPUs", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("has 2", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_waits_is_offered_room_in_the_order_of_arrival_and_nobody_overtakes()
    {
        var leases = Of(2);
        Granted(leases.Request(s_a, 1, 2, usable: true));
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_b, 1, 2, usable: true));
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_c, 1, 1, usable: true));
        Assert.Empty(leases.Offers());

        Assert.True(leases.Release(s_a, 1));
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_c, 1, 1, usable: true));   // b is ahead
        Assert.Equal([s_b], leases.Offers().ToArray());
        Assert.Empty(leases.Offers());                                                // said once
        Granted(leases.Request(s_b, 1, 2, usable: true));
    }

    [Fact]
    public void Whoever_does_not_answer_an_offer_loses_its_place()
    {
        var leases = Of(1);
        Granted(leases.Request(s_a, 1, 1, usable: true));
        leases.Request(s_b, 1, 1, usable: true);
        leases.Request(s_c, 1, 1, usable: true);
        leases.Release(s_a, 1);
        Assert.Equal([s_b], leases.Offers().ToArray());
        for (var i = 0; i <= WaitingLine.OfferTicks; i++) leases.Tick();
        Assert.Equal([s_c], leases.Offers().ToArray());
    }

    [Fact]
    public void A_release_of_an_older_execution_does_not_touch_the_present_lease()
    {
        var leases = Of(1);
        Granted(leases.Request(s_a, 5, 1, usable: true));
        Assert.False(leases.Release(s_a, 4));
        Assert.Single(leases.Held);
        Assert.True(leases.Release(s_a, 5));
        Assert.False(leases.Release(s_a, 5));
    }

    [Fact]
    public void A_server_that_is_not_connected_grants_nothing_new_but_keeps_the_place()
    {
        var leases = Of(1);
        Assert.IsType<LeaseOutcome.Full>(leases.Request(s_a, 1, 1, usable: false));
        Assert.Equal([s_a], leases.Offers().ToArray());
    }

    [Fact]
    public void The_epoch_goes_on_from_what_was_stored()
    {
        var leases = Of(1);
        var first = Granted(leases.Request(s_a, 1, 1, usable: true));
        var again = new GpuLeases(s_server, leases.Book);
        again.SetDevices([0]);
        Assert.Equal(first, Granted(again.Request(s_a, 1, 1, usable: true)));
        again.ReleaseAll(s_a);
        Assert.True(Granted(again.Request(s_b, 1, 1, usable: true)).Epoch > leases.Epoch);
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
        var next = Granted(leases.Request(s_c, 1, 1, usable: true));
        Assert.Equal(1, next.Devices.Single());
        Assert.Equal(42, next.Epoch);
    }

    private static GpuLeases Of(int gpus)
    {
        var leases = new GpuLeases(s_server, new LeaseBook());
        leases.SetDevices(Enumerable.Range(0, gpus));
        return leases;
    }

    private static GpuLease Granted(LeaseOutcome outcome) => Assert.IsType<LeaseOutcome.Granted>(outcome).Lease;
}
