namespace Notebook.Grains.Servers;

/// <summary>
/// What is stored of a server's leases. It may be a second old: epochs are reserved ahead, and after a crash a lease that
/// is missing here is taken from the kernel that holds it.
/// </summary>
[GenerateSerializer, Alias("notebook.lease-book")]
internal sealed record LeaseBook
{
    /// <summary>No lease was granted with a higher epoch; never falls.</summary>
    [Id(0)]
    public long ReservedEpoch { get; init; }

    /// <summary>Those in force.</summary>
    [Id(1)]
    public ImmutableArray<GpuLease> Leases { get; init; } = [];
}
