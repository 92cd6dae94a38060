namespace Notebook.Grains.Kernels;

/// <summary>A cell that waits for its turn.</summary>
/// <param name="MessageId">Its request.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="Resources">What it asks for itself; null for the kernel's default.</param>
/// <param name="StopOnError">Whether its failure aborts those behind it.</param>
/// <param name="Seen">The last cell whose reply its client may have seen.</param>
internal sealed record QueuedCell(string MessageId, long Execution, ResourceRequest? Resources, bool StopOnError, string? Seen);

/// <summary>How a cell's executor was lost.</summary>
/// <param name="Server">With this server.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsNotKept">Whether its agent gave it up, since what the cell changed could not be kept.</param>
[GenerateSerializer, Immutable, Alias("notebook.executor-loss")]
internal sealed record ExecutorLoss([property: Id(0)] ServerId Server, [property: Id(1)] string Reason, [property: Id(2)] bool IsNotKept);

/// <summary>A cell that completed, and who gives, or gave, its reply to the gateways.</summary>
/// <param name="Cell">The question for it, should its teller be lost; the epoch is that of the cell.</param>
/// <param name="Teller">The replica.</param>
/// <param name="At">When the silo heard that it completed.</param>
[GenerateSerializer, Immutable, Alias("notebook.completed-cell")]
internal sealed record CompletedCell([property: Id(0)] CellRecall Cell, [property: Id(1)] ReplicaId Teller, [property: Id(2)] DateTimeOffset At);

/// <summary>The cell that was given to a replica. Stored before the replica hears of it, so that it is never given twice.</summary>
/// <param name="MessageId">Its request.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="StopOnError">Whether its failure aborts those behind it.</param>
/// <param name="Replica">Who runs it.</param>
/// <param name="Epoch">The executor epoch under which it runs.</param>
/// <param name="Lease">Its GPUs; null when it needs none.</param>
[GenerateSerializer, Immutable, Alias("notebook.running-cell")]
internal sealed record RunningCell(
    [property: Id(0)] string MessageId,
    [property: Id(1)] long Execution,
    [property: Id(2)] bool StopOnError,
    [property: Id(3)] ReplicaId Replica,
    [property: Id(4)] long Epoch,
    [property: Id(5)] GpuLease? Lease)
{
    /// <summary>Set when its executor was lost: until the next one has said whether it counts.</summary>
    [Id(6)]
    public ExecutorLoss? Loss { get; init; }

    /// <summary>The order for the replica.</summary>
    public CellOrder Order => new(MessageId, Execution, Epoch, Lease);
}
