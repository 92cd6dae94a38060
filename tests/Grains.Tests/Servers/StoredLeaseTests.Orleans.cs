#if ORLEANS_HOST
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Notebook.Grains.Tests.Servers;

/// <summary>Leases that an earlier release stored, as Orleans reads them.</summary>
public sealed class StoredLeaseTests
{
    [Fact]
    public void A_lease_of_before_its_user_was_noted_is_nobodys()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var stored = serializer.SerializeToArray(new EarlierLease(new("a"), [1], new("k"), 7, 3));
        var lease = serializer.Deserialize<GpuLease>(stored);
        Assert.Equal((7L, ""), (lease.Execution, lease.User));
    }
}

/// <summary>A lease without the members that came later.</summary>
[GenerateSerializer, Immutable, Alias("notebook.tests.earlier-lease")]
internal sealed record EarlierLease(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] ImmutableArray<int> Devices,
    [property: Id(2)] KernelId Kernel,
    [property: Id(3)] long Execution,
    [property: Id(4)] long Epoch);
#endif
