using Notebook.Agent.Replicas;

namespace Notebook.Agent.Tests.Replicas;

public sealed class DeviceLeasesTests
{
    private static readonly TimeSpan s_term = TimeSpan.FromMinutes(15);
    private readonly DeviceLeases _leases = new([0, 1, 2, 3]);
    private readonly List<(long Epoch, string Reason)> _ended = [];
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public DeviceLeasesTests() => _leases.Ended += (epoch, reason) => _ended.Add((epoch, reason));

    [Fact]
    public void The_newest_lease_of_each_gpu_counts()
    {
        Assert.Null(Admit([0, 1], 5));
        Assert.Null(Admit([2], 4));
        Assert.Contains("lease 4 of GPU 1 is stale", Admit([1, 3], 4), StringComparison.Ordinal);
        Assert.Null(Admit([3], 4));   // a refused order takes nothing
        Assert.Null(Admit([0, 1], 5));
        Assert.Null(Admit([], 0));
        Assert.Empty(_ended);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void Only_gpus_that_are_there_can_be_leased(int device) =>
        Assert.Contains($"GPU {device}", Admit([device], 1), StringComparison.Ordinal);

    [Fact]
    public void Gpus_of_one_machine_are_leased_by_their_indices_whichever_of_them_are_here()
    {
        var leases = new DeviceLeases([2, 5]);
        Assert.Null(leases.Admit([5, 2], 1, s_term, _now));
        Assert.Contains("GPU 1 is leased to it, but this server has 2, 5", leases.Admit([1], 2, s_term, _now), StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_lease_of_a_gpu_ends_the_one_that_holds_it()
    {
        Admit([0, 1], 5);
        Admit([2], 6);
        Assert.Null(Admit([1, 3], 7));
        var (epoch, reason) = Assert.Single(_ended);
        Assert.Equal(5, epoch);
        Assert.Contains("lease 7", reason, StringComparison.Ordinal);
        Assert.False(_leases.Release(5));
    }

    [Fact]
    public void A_lease_that_is_given_back_is_ended_by_nobody()
    {
        Admit([0], 5);
        Assert.True(_leases.Release(5));
        Assert.False(_leases.Release(5));
        Admit([0], 6);
        _now += s_term;
        Admit([0], 7);
        Assert.Equal([6L], _ended.Select(e => e.Epoch));
    }

    [Fact]
    public void A_lease_that_is_not_renewed_ends_with_its_term_and_not_before()
    {
        Admit([0], 5);
        Admit([1], 6);
        _now += s_term / 2;
        _leases.Renew([6, 99], _now);
        _leases.Expire(_now + (s_term / 2) - TimeSpan.FromTicks(1));
        Assert.Empty(_ended);
        _leases.Expire(_now + (s_term / 2));
        var (epoch, reason) = Assert.Single(_ended);
        Assert.Equal(5, epoch);
        Assert.Contains("15 minutes", reason, StringComparison.Ordinal);
        _leases.Expire(_now + (s_term / 2));
        Assert.Single(_ended);
        _leases.Expire(_now + s_term);
        Assert.Equal([5L, 6L], _ended.Select(e => e.Epoch));
    }

    private string? Admit(int[] devices, long epoch) => _leases.Admit(devices, epoch, s_term, _now);
}
