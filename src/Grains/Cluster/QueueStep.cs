namespace Notebook.Grains.Cluster;

/// <summary>What follows from a turn of the queue. To be carried out at once; a turn that follows repeats what still holds.</summary>
internal abstract record QueueStep(WaitingCell Cell)
{
    /// <summary>There is room at a server of the kernel: keep it, and have the kernel ask for it.</summary>
    public sealed record Offer(WaitingCell Cell, ServerId Server) : QueueStep(Cell);

    /// <summary>Keep what becomes idle at a server for this cell, or, where a replica moves to, go on keeping what is.</summary>
    public sealed record Keep(WaitingCell Cell, ServerId Server, bool IsIdle) : QueueStep(Cell);

    /// <summary>Keep room at another server, and have the kernel move a replica there.</summary>
    public sealed record Move(WaitingCell Cell, MigrationDecision Decision) : QueueStep(Cell);
}

/// <summary>A cell in the queue, as it is stored: what its place depends on.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Since">When it came.</param>
[GenerateSerializer, Immutable, Alias("notebook.queued-entry")]
internal sealed record QueuedEntry([property: Id(0)] WaitingCell Cell, [property: Id(1)] DateTimeOffset Since);

/// <summary>What is stored of the queue, so that a crash changes nobody's place.</summary>
[GenerateSerializer, Alias("notebook.queue-record")]
internal sealed record QueueRecord
{
    /// <summary>In order of arrival.</summary>
    [Id(0)]
    public ImmutableArray<QueuedEntry> Entries { get; init; } = [];
}
