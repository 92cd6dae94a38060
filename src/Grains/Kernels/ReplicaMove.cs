namespace Notebook.Grains.Kernels;

/// <summary>The move of a replica to another server. Stored, so that a crash neither forgets it nor leaves four replicas for ever.</summary>
/// <param name="From">The replica that is to go.</param>
/// <param name="To">The one that is to take its place.</param>
/// <param name="Target">Where that one comes up.</param>
/// <param name="Since">When it began.</param>
/// <param name="Reason">Why.</param>
[GenerateSerializer, Immutable, Alias("notebook.replica-move")]
internal sealed record ReplicaMove(
    [property: Id(0)] ReplicaId From,
    [property: Id(1)] ReplicaId To,
    [property: Id(2)] ServerId Target,
    [property: Id(3)] DateTimeOffset Since,
    [property: Id(4)] string Reason)
{
    /// <summary>How long the new replica may take to come up and catch up, large values apart.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>How long an only replica may take to hand the kernel over. No cell starts meanwhile, so it is short.</summary>
    public static readonly TimeSpan HandOverLimit = TimeSpan.FromSeconds(15);

    /// <summary>What a network and two disks that are busy with other things copy at least, in bytes a second.</summary>
    private const long SlowestCopy = 16L << 20;

    /// <summary>
    /// Whether the one that goes is the kernel's only one. No majority stays behind that could let it go: the new one must
    /// have everything, and be the group's only member, before the old one is stopped.
    /// </summary>
    [Id(5)]
    public bool IsOfOnlyOne { get; init; }

    /// <summary>Since when the only one hands over; null while the new one catches up.</summary>
    [Id(6)]
    public DateTimeOffset? HandingOver { get; init; }

    /// <summary>For operators.</summary>
    public MoveView View => new(From, Target, Since, Reason);

    /// <summary>By when the new one has to have this many bytes, where it must have all of them.</summary>
    public DateTimeOffset Deadline(long bytes) => Since + Limit + (IsOfOnlyOne ? TimeSpan.FromSeconds(bytes / SlowestCopy) : TimeSpan.Zero);
}
