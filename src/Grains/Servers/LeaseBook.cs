namespace Notebook.Grains.Servers;

/// <summary>What is stored of a server's leases.</summary>
[GenerateSerializer, Alias("notebook.lease-book")]
internal sealed record LeaseBook
{
    /// <summary>Of the newest lease ever granted; never falls.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    /// <summary>Those in force.</summary>
    [Id(1)]
    public ImmutableArray<GpuLease> Leases { get; init; } = [];
}
